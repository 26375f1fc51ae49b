"""One request's meeting of a thread, which runs the WSGI application, and the event loop, which owns the client.

A small response crosses in one hop, after the application has closed it. A larger one, or one whose length nobody
told, crosses block by block: the thread waits while `WINDOW` bytes are unsent, and the loop joins whatever has come
together by the time the client can take more.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from router.errors import BackendFailed, ClientLeft
from router.head import Head
from router.types import ExceptionInfo, Send, WriteCallable

JOINED = 64 * 1024
WINDOW = 256 * 1024

logger = logging.getLogger(__name__)


class Exchange:
    """`run` belongs to the thread, `respond` and `abort` to the loop. ``freed`` is called on the loop, once."""

    def __init__(
        self,
        app: Callable[..., Any],
        environ: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
        freed: Callable[["Exchange"], None],
    ) -> None:
        self._app = app
        self._environ = environ
        self._loop = loop
        self._freed = freed
        self._head: Head | None = None
        self._started = False
        self._room = threading.Condition()
        self._blocks: list[bytes] = []
        self._unsent = 0
        self._signalled = False
        self._aborted = False
        self._ended = False
        self._failure: Exception | None = None
        self._news: asyncio.Future[None] = loop.create_future()

    # The thread's half.

    def run(self) -> None:
        """Calls the application and iterates over its answer. Never raises: a failure crosses to the loop."""
        try:
            if not self._aborted:
                self._call()
        except BaseException as error:  # noqa: BLE001  # the thread's edge: recorded, and raised by `respond`
            # SystemExit and its like end a thread's request here, not the server.
            self._failure = (
                error if isinstance(error, Exception) else BackendFailed(f"The application raised {error!r}.")
            )
        with self._room:
            self._ended = True
        with suppress(RuntimeError):  # the loop is gone, and with it everybody who could be told
            self._loop.call_soon_threadsafe(self._finish)

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExceptionInfo | None = None, /
    ) -> WriteCallable:
        """PEP 3333: may be called again with ``exc_info`` while nothing was sent; re-raises it when something was."""
        if exc_info is not None and self._started:
            raise exc_info[1].with_traceback(exc_info[2])
        if exc_info is None and self._head is not None:
            raise RuntimeError("start_response was called twice without exc_info.")
        self._head = Head.parse(status, headers, self._environ["REQUEST_METHOD"])
        return self._emit

    def _call(self) -> None:
        iterable = self._app(self._environ, self.start_response)
        try:
            self._iterate(iterable)
        finally:
            close = getattr(iterable, "close", None)
            if close is not None:
                close()

    def _iterate(self, iterable: Any) -> None:
        in_hand = isinstance(iterable, list | tuple)
        held: list[bytes] = []
        size = 0
        for block in iterable:
            if not block:
                continue
            head = self._known_head()
            if head.bodiless:
                break
            size += len(block)
            held.append(block)
            if size > JOINED or not (in_hand or head.is_short(JOINED)):
                self._emit(held[0] if len(held) == 1 else b"".join(held))
                held.clear()
        self._known_head()
        with self._room:
            self._blocks.extend(held)  # handed over with the end, in one hop

    def _known_head(self) -> Head:
        if self._head is None:
            raise RuntimeError("The application sent a body before it called start_response.")
        return self._head

    def _emit(self, block: bytes) -> None:
        """Hands a block to the loop, once there is room. Raises `ClientLeft` when nobody wants it any more."""
        if not block or self._known_head().bodiless:
            return
        with self._room:
            while self._unsent >= WINDOW and not self._aborted:
                self._room.wait()
            if self._aborted:
                raise ClientLeft
            self._started = True
            self._blocks.append(block)
            self._unsent += len(block)
            wake, self._signalled = not self._signalled, True
        if wake:
            self._loop.call_soon_threadsafe(self._signal)

    # The loop's half.

    @property
    def done(self) -> bool:
        return self._ended

    async def wait(self) -> None:
        """Until there is something to send, the end, or `abort`. Raises `ClientLeft` for the last."""
        if not self._aborted:
            await self._news
        if self._aborted:
            raise ClientLeft

    async def respond(self, send: Send) -> None:
        """Sends everything, from the start to the end. Raises what the application raised."""
        head: Head | None = None
        while True:
            body, ended = self._take()
            if ended and self._failure is not None:
                raise self._failure
            if head is None:
                head = self._known_head()
                await send(head.message(len(body) if ended else None))
            await send({"type": "http.response.body", "body": body, "more_body": not ended})
            if ended:
                return
            self._sent(len(body))
            await self.wait()

    def abort(self) -> None:
        """Nobody wants the answer any more: the thread's next block fails, and who waits is woken."""
        with self._room:
            self._aborted = True
            self._room.notify_all()
        self._signal()

    def _take(self) -> tuple[bytes, bool]:
        """What has come since. After the end a failure takes precedence over blocks that nobody will complete."""
        with self._room:
            blocks, self._blocks = self._blocks, []
            self._signalled = False
            ended = self._ended
            if not ended and self._news.done():
                self._news = self._loop.create_future()
        return (blocks[0] if len(blocks) == 1 else b"".join(blocks)), ended

    def _sent(self, size: int) -> None:
        with self._room:
            self._unsent -= size
            self._room.notify_all()

    def _signal(self) -> None:
        if not self._news.done():
            self._news.set_result(None)

    def _finish(self) -> None:
        self._freed(self)
        self._signal()
        if self._aborted and self._failure is not None and not isinstance(self._failure, ClientLeft):
            logger.error("The application failed after its client had left.", exc_info=self._failure)
