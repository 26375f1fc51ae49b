"""The request body: gathered on the loop while it is small, streamed to the thread when it is not."""

import asyncio
import io
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from router.errors import ClientLeft, UploadCut, UploadStalled
from router.types import Receive

JOINED = 64 * 1024
"""Bytes up to which a body is gathered before a thread is taken: a slow sender of a small body holds none."""

WINDOW = 256 * 1024
"""Bytes of a larger body that may wait for the thread to read them."""


def gather(receive: Receive, within: float | None) -> Coroutine[Any, Any, tuple[bytes, bool]]:
    """The body, or its first `JOINED` bytes and more; and whether that is all.

    Raises `ClientLeft`, and `UploadStalled` when so much has not come ``within`` as many seconds.
    """
    return _gather(receive) if within is None else _gather_within(within, receive)


async def _gather(receive: Receive) -> tuple[bytes, bool]:
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


async def _gather_within(seconds: float, receive: Receive) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout(seconds):
            return await _gather(receive)
    except TimeoutError:
        raise UploadStalled from None


class Upload(io.RawIOBase):
    """The rest of a large body. `pump` and `cut` run on the loop; a thread reads.

    Memory is bounded: while `WINDOW` bytes wait to be read, nothing more is received. A read raises `UploadCut` when
    the body ended too early.
    """

    def __init__(self, first: bytes, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._chunks: deque[memoryview] = deque([memoryview(first)])
        self._size = len(first)
        self._ended = False
        self._cut = False
        self._full = False
        self._news = threading.Condition()
        self._room = asyncio.Event()

    async def pump(self, receive: Receive, patience: float, answered: Callable[[], bool]) -> None:
        """Receives to the end of the body. Raises `ClientLeft` when the client leaves before it.

        The client has ``patience`` seconds for each `JOINED` bytes, or the upload is cut.
        """
        try:
            async with asyncio.timeout(patience) as stall:
                await self._pump(receive, patience, answered, stall)
        except TimeoutError:
            self.cut()
        except ClientLeft:
            self.cut()
            raise

    async def _pump(
        self, receive: Receive, patience: float, answered: Callable[[], bool], stall: asyncio.Timeout
    ) -> None:
        more, fresh = True, 0
        while more:
            if self._is_full():
                stall.reschedule(None)
                await self._wait_for_room(patience, answered)
                fresh = JOINED
            if fresh >= JOINED:
                stall.reschedule(self._loop.time() + patience)
                fresh = 0
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            body, more = message.get("body", b""), message.get("more_body", False)
            fresh += len(body)
            self._take(body, ended=not more)

    async def _wait_for_room(self, patience: float, answered: Callable[[], bool]) -> None:
        """Until the thread has read.

        A client's leaving shows only when more is received. So when the application answers and reads no more, the rest
        is cut, and received to be dropped: else an endless answer would outlive its client.
        """
        while self._is_full():
            try:
                async with asyncio.timeout(patience):
                    await self._room.wait()
            except TimeoutError:
                if answered():
                    self.cut()

    def cut(self) -> None:
        """No more will come: a read that waits, or comes, fails."""
        with self._news:
            if self._ended:
                return
            self._cut = True
            self._chunks.clear()
            self._size = 0
            self._news.notify_all()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self._news:
            chunk = self._next()
            count = min(len(buffer), len(chunk))
            memoryview(buffer).cast("B")[:count] = chunk[:count]
            if count < len(chunk):
                self._chunks.appendleft(chunk[count:])
            self._size -= count
        self._make_room()
        return count

    def readall(self) -> bytes:
        parts: list[memoryview] = []
        while True:
            with self._news:
                chunk = self._next()
                self._size -= len(chunk)
            if not chunk:
                return b"".join(parts)
            parts.append(chunk)
            self._make_room()

    def _next(self) -> memoryview:
        """The next piece, taken; empty at the end."""
        while not self._chunks and not self._ended and not self._cut:
            self._news.wait()
        if self._chunks:
            return self._chunks.popleft()
        if self._cut:
            raise UploadCut
        return memoryview(b"")

    def _make_room(self) -> None:
        if self._full and self._size <= WINDOW // 2:
            self._full = False
            with suppress(RuntimeError):  # the loop is gone
                self._loop.call_soon_threadsafe(self._room.set)

    def _is_full(self) -> bool:
        with self._news:
            if self._size < WINDOW:
                return False
            self._full = True
            self._room.clear()
            return True

    def _take(self, body: bytes, *, ended: bool) -> None:
        with self._news:
            if self._cut:
                return
            if body:
                self._chunks.append(memoryview(body))
                self._size += len(body)
            self._ended = ended
            self._news.notify_all()
