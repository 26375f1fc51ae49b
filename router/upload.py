"""The request body: gathered on the loop while it is small, streamed to the thread when it is not."""

import asyncio
import io
import threading
from collections import deque
from contextlib import suppress
from typing import Any

from router.errors import ClientLeft, UploadCut
from router.types import Receive

JOINED = 64 * 1024
"""Bytes up to which a body is gathered before a thread is taken: a slow sender of a small body holds none."""

WINDOW = 256 * 1024
"""Bytes of a larger body that may wait for the thread to read them."""


async def gather(receive: Receive) -> tuple[bytes, bool]:
    """The body, or its first `JOINED` bytes and more; and whether that is all. Raises `ClientLeft`."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body", False):
            return (parts[0] if len(parts) == 1 else b"".join(parts)), True
        if size > JOINED:
            return b"".join(parts), False


class Upload(io.RawIOBase):
    """The rest of a large body. `pump` runs on the loop; a thread reads.

    Memory is bounded: while `WINDOW` bytes wait to be read, nothing more is received. A read raises `UploadCut` when
    the client left before the end.
    """

    def __init__(self, first: bytes, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._chunks: deque[memoryview] = deque([memoryview(first)])
        self._size = len(first)
        self._ended = False
        self._cut = False
        self._news = threading.Condition()
        self._room = asyncio.Event()

    async def pump(self, receive: Receive) -> None:
        """Receives to the end of the body. Raises `ClientLeft` when it does not come."""
        more = True
        while more:
            while self._size >= WINDOW:
                self._room.clear()
                await self._room.wait()
            message = await receive()
            if message["type"] == "http.disconnect":
                self.cut()
                raise ClientLeft
            more = message.get("more_body", False)
            self._take(message.get("body", b""), ended=not more)

    def cut(self) -> None:
        """No more will come: a read that waits, or comes, fails."""
        with self._news:
            self._cut = True
            self._news.notify_all()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self._news:
            while not self._chunks and not self._ended and not self._cut:
                self._news.wait()
            if not self._chunks:
                if self._ended:
                    return 0
                raise UploadCut
            count = self._copy(memoryview(buffer).cast("B"))
        if self._size < WINDOW:
            with suppress(RuntimeError):  # the loop is gone
                self._loop.call_soon_threadsafe(self._room.set)
        return count

    def _take(self, body: bytes, *, ended: bool) -> None:
        with self._news:
            if body:
                self._chunks.append(memoryview(body))
                self._size += len(body)
            self._ended = ended
            self._news.notify_all()

    def _copy(self, buffer: memoryview) -> int:
        chunk = self._chunks.popleft()
        count = min(len(buffer), len(chunk))
        buffer[:count] = chunk[:count]
        if count < len(chunk):
            self._chunks.appendleft(chunk[count:])
        self._size -= count
        return count
