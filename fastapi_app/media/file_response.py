"""A file as an answer: whole, in ranges, or not at all because the client has it."""

import os
import stat
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from secrets import token_hex
from typing import IO, Self
from zlib import adler32

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fastapi_app.errors import BadRange, NotFound
from fastapi_app.media.conditions import precondition, range_applies
from fastapi_app.media.content_type import content_type
from fastapi_app.media.disconnect import until_disconnect
from fastapi_app.media.disposition import inline
from fastapi_app.media.ranges import Span, Unsatisfiable, parse

CHUNK_BYTES = 256 * 1024
_BODILESS = frozenset({304, 412})


@dataclass(frozen=True)
class OpenFile:
    """A regular file, opened, with what was true of it at that moment. One whose content is held is closed already."""

    handle: IO[bytes]
    path: Path
    size: int
    mtime: float
    content: bytes | None = None

    @property
    def etag(self) -> str:
        """Werkzeug's formula, so that a download begun on the other side can be resumed on this one."""
        return f"{self.mtime}-{self.size}-{adler32(os.fsencode(self.path)) & 0xFFFFFFFF}"

    @property
    def modified(self) -> datetime:
        return datetime.fromtimestamp(int(self.mtime), UTC)


def open_file(path: Path) -> OpenFile | None:
    """Opens `path`, None when it is no file or can't be read. Blocks.

    Without waiting for a writer, which a named pipe in the library would otherwise make it do for ever.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        return None
    return OpenFile(os.fdopen(descriptor, "rb", buffering=0), path, facts.st_size, facts.st_mtime)


def held(file: OpenFile) -> OpenFile:
    """The file with its content, where that is one chunk: who has read it needs no thread to send it. Blocks."""
    if file.size > CHUNK_BYTES:
        return file
    content = os.pread(file.handle.fileno(), file.size, 0)
    if len(content) < file.size:  # it shrank just now, which is found out where it is sent
        return file
    file.handle.close()
    return replace(file, content=content)


class FileResponse(Response):
    """Sends an open file and closes it. Raises BadRange, with the file closed, while it is built."""

    def __init__(self, file: OpenFile, headers: Mapping[str, str], *, name: str = "", media_type: str = "") -> None:
        self._file = file
        self._boundary = token_hex(16)
        self.background = None
        self.media_type = media_type or content_type(name or file.path.name)
        try:
            self._spans = _spans(file, headers)
        except Unsatisfiable:
            file.handle.close()
            raise BadRange(file.size) from None
        self.status_code = 206 if self._spans else precondition(headers, file.etag, file.modified)
        self.raw_headers = [
            (key.encode("latin-1"), value.encode("latin-1"))
            for key, value in self._own_headers(name or file.path.name).items()
        ]

    @classmethod
    async def of(cls, request: Request, path: Path) -> Self:
        """The answer for the file at `path`. Raises NotFound, and BadRange."""
        file = await to_thread.run_sync(open_file, path)
        if file is None:
            raise NotFound
        return cls(file, request.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            if self.status_code in _BODILESS or scope["method"] == "HEAD":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            elif self._file.content is not None:
                body = b"".join([chunk async for chunk in self._content()])
                await send({"type": "http.response.body", "body": body, "more_body": False})
            else:
                await self._stream(receive, send)
        finally:
            if self._file.content is None:
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(self._file.handle.close)

    async def _stream(self, receive: Receive, send: Send) -> None:
        async with until_disconnect(receive), aclosing(self._content()) as content:
            async for chunk in content:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _own_headers(self, name: str) -> dict[str, str]:
        file = self._file
        common = {"cache-control": "no-cache", "content-disposition": inline(name), "etag": f'"{file.etag}"'}
        if self.status_code in _BODILESS:
            return common
        common["last-modified"] = format_datetime(file.modified, usegmt=True)
        common["content-length"] = str(self._length())
        if not self._spans:
            return {**common, "content-type": str(self.media_type)}
        common["accept-ranges"] = "bytes"
        if len(self._spans) == 1:
            span = self._spans[0].content_range(file.size)
            return {**common, "content-type": str(self.media_type), "content-range": span}
        return {**common, "content-type": f"multipart/byteranges; boundary={self._boundary}"}

    def _length(self) -> int:
        if not self._spans:
            return self._file.size
        if len(self._spans) == 1:
            return self._spans[0].length
        return sum(len(self._part(span)) + span.length + 2 for span in self._spans) + len(self._ending())

    async def _content(self) -> AsyncGenerator[bytes, None]:
        if len(self._spans) <= 1:
            whole = self._spans[0] if self._spans else Span(0, self._file.size - 1)
            async for chunk in self._read(whole):
                yield chunk
            return
        for span in self._spans:
            yield self._part(span)
            async for chunk in self._read(span):
                yield chunk
            yield b"\r\n"
        yield self._ending()

    async def _read(self, span: Span) -> AsyncGenerator[bytes, None]:
        """The bytes of a span, however the file shrinks meanwhile: then the connection breaks, as it must."""
        if self._file.content is not None:
            yield self._file.content[span.first : span.last + 1]
            return
        position, handle = span.first, self._file.handle
        while position <= span.last:
            wanted = min(CHUNK_BYTES, span.last + 1 - position)
            chunk = await to_thread.run_sync(os.pread, handle.fileno(), wanted, position)
            if not chunk:
                raise FileShrank(self._file.path)
            position += len(chunk)
            yield chunk

    def _part(self, span: Span) -> bytes:
        return (
            f"--{self._boundary}\r\nContent-Type: {self.media_type}\r\n"
            f"Content-Range: {span.content_range(self._file.size)}\r\n\r\n"
        ).encode("ascii")

    def _ending(self) -> bytes:
        return f"--{self._boundary}--\r\n".encode("ascii")


class FileShrank(Exception):
    """The file has fewer bytes than its answer already announced."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} became shorter while it was sent")


def _spans(file: OpenFile, headers: Mapping[str, str]) -> list[Span]:
    """The spans to send, none for the whole file. Raises Unsatisfiable."""
    header = headers.get("range")
    if header is None or not range_applies(headers.get("if-range", ""), file.etag, file.modified):
        return []
    return parse(header, file.size)
