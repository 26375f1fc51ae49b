"""A file that a client sends in a form, received within bounds: a picture, unless somebody says otherwise."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from fastapi_app.errors import BadRequest, TooLarge
from fastapi_app.thumbnails.rules import check_suffix

MOST_BYTES = 10 * 2**20
"""The largest picture, in bytes."""
_MOST_OVERHEAD = 64 * 2**10
"""What names, boundaries and other fields of the form may take besides."""
_MOST_PARTS = 20


@asynccontextmanager
async def received(
    request: Request,
    field: str,
    missing: str,
    *,
    most: int = MOST_BYTES,
    check_name: Callable[[str], None] = check_suffix,
) -> AsyncIterator[UploadFile]:
    """The file in that field of the form, closed at the end of the block.

    Raises BadRequest with the message `missing` where there is none, for a file without a name and what `check_name`
    says of its name, and TooLarge beyond `most` bytes.
    """
    form = await _form(request, missing, most)
    try:
        file = next((part for part in form.getlist(field) if isinstance(part, UploadFile)), None)
        if file is None:
            raise BadRequest(missing)
        if not file.filename:
            raise BadRequest("No file selected")
        check_name(file.filename)
        if (file.size or 0) > most:
            raise TooLarge(most)
        yield file
    finally:
        await form.close()


async def _form(request: Request, missing: str, most: int) -> FormData:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most + _MOST_OVERHEAD:
        raise TooLarge(most)
    if kind != "multipart/form-data":
        raise BadRequest(missing)
    bounded = _bounded(request, most)
    parser = MultiPartParser(request.headers, bounded, max_files=_MOST_PARTS, max_fields=_MOST_PARTS)
    try:
        form = await parser.parse()
        _close_unfinished(parser, form)
        return form
    except MultiPartException:
        raise BadRequest(missing) from None
    finally:
        await bounded.aclose()


def _close_unfinished(parser: MultiPartParser, form: FormData) -> None:
    """A file in which the body ends is neither an error nor a part of the form: the parser forgets it."""
    finished = {id(part.file) for _, part in form.multi_items() if isinstance(part, UploadFile)}
    for file in getattr(parser, "_files_to_close_on_error", ()):
        if id(file) not in finished:
            file.close()


async def _bounded(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body, up to what a file of `most` bytes may need. Raises TooLarge."""
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > most + _MOST_OVERHEAD:
            raise TooLarge(most)
        yield chunk
