"""The files under `static/`, found by the path that a browser names."""

import os
from pathlib import Path

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from fastapi_app.errors import NotFound
from fastapi_app.media.content_type import UNKNOWN
from fastapi_app.media.file_response import FileResponse, OpenFile, held, open_file

STATIC = Path(__file__).parent / "static"
TEXTS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
"""Kinds that the library does not hold; browsers refuse a script or a stylesheet of another type."""


async def answer_file(request: Request, name: str) -> FileResponse:
    """The file of that name, or as much of it as the request asks for. Raises NotFound and BadRange."""
    file = await to_thread.run_sync(_open, name)
    if file is None:
        raise NotFound
    response = FileResponse(file, request.headers)
    headers = MutableHeaders(raw=response.raw_headers)
    if headers.get("content-type") == UNKNOWN:
        headers["content-type"] = TEXTS.get(file.path.suffix, UNKNOWN)
    return response


def find(name: str, root: Path = STATIC) -> Path | None:
    """The file of that name inside `root`; None for a folder, for nothing, and for whatever lies outside.

    Links are followed before the check, so that none leads out. The answer is spelled from `root`, links and all: the
    path is part of the entity tag, and the other side spells it so.
    """
    if not name or "\0" in name or "\\" in name:
        return None
    home = os.path.realpath(root) + os.sep  # by text: paths as objects cost more than the file does
    try:
        target = os.path.realpath(home + name)
        inside = target.startswith(home) and Path(target).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return None
    return root / target.removeprefix(home) if inside else None


def _open(name: str) -> OpenFile | None:
    path = find(name)
    file = open_file(path) if path else None
    return held(file) if file else None
