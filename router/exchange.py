"""One request's meeting of a thread, which runs the WSGI application, and the event loop, which owns the client.

A small answer crosses in one hop. A larger one, or one whose length nobody told, crosses block by block: the thread
waits while `WINDOW` bytes are unsent, and the loop joins whatever has come together by the time the client can take
more. An answer is whole when as many bytes have come as were promised, or when the iteration has ended: what the
application does after that, ``close()`` included, neither delays it nor can it spoil it.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from router.errors import AnswerBroken, BackendFailed, ClientLeft, UploadCut
from router.head import Head
from router.places import Places
from router.types import ExceptionInfo, Send, WriteCallable
from router.upload import Upload

JOINED = 64 * 1024
WINDOW = 256 * 1024

_IN_HAND = (list, tuple)
_CHANGES_NOTHING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

logger = logging.getLogger(__name__)


class Exchange:
    """`run` belongs to the thread, everything below it to the loop. ``freed`` is called in the thread, at its end.

    The client has ``patience`` seconds for each `JOINED` bytes of a streamed answer.
    """

    # One is made for each request: how it begins stands here, where it costs nothing.
    done = False
    """Whether the answer is whole, or has failed. The thread may still be at work."""
    aborted = False
    begun = False
    _head: Head | None = None
    _size = 0
    _placed = False
    _started = False
    _room: threading.Condition | None = None
    _unsent = 0
    _signalled = False
    _failure: Exception | None = None

    def __init__(
        self,
        app: Callable[..., Any],
        environ: dict[str, Any],
        upload: Upload | None,
        *,
        loop: asyncio.AbstractEventLoop,
        places: Places,
        patience: float,
        freed: Callable[["Exchange"], None],
    ) -> None:
        self._app = app
        self._environ = environ
        self._upload = upload
        self.loop = loop
        self._places = places
        self._patience = patience
        self._freed = freed
        self._lock = threading.Lock()
        self._blocks: list[bytes] = []
        self._news: asyncio.Future[None] = loop.create_future()

    # The thread's half.

    def run(self) -> None:
        """Calls the application and iterates over its answer. Never raises: a failure crosses to the loop."""
        iterable: Any = None
        try:
            if not self.aborted:
                if self._upload is not None:
                    self._take_place(obliged=False)
                iterable = self._app(self._environ, self.start_response)
                self._iterate(iterable)
        except BaseException as error:  # noqa: BLE001  # the thread's edge: recorded, and raised by `respond`
            # SystemExit and its like end a thread's request here, not the server.
            self._fail(error)
        if not self.done:
            self._hand_over([])
        self._close(iterable)
        if self._placed:
            self._places.leave(self)
        self._freed(self)

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExceptionInfo | None = None, /
    ) -> WriteCallable:
        """PEP 3333: may be called again with ``exc_info`` while nothing was sent; re-raises it when something was."""
        if exc_info is not None and (self._started or self.done):
            raise exc_info[1].with_traceback(exc_info[2])
        if exc_info is None and self._head is not None:
            raise RuntimeError("start_response was called twice without exc_info.")
        self._head = Head.parse(status, headers, self._environ["REQUEST_METHOD"])
        return self._write

    def _iterate(self, iterable: Any) -> None:
        in_hand = isinstance(iterable, _IN_HAND)
        alone = in_hand and len(iterable) == 1  # it is in memory already, and nothing will follow it
        held: list[bytes] = []
        for block in iterable:
            if not block:
                continue
            head = self._known_head()
            if self.done:
                _say_too_much(head)
                break
            if head.bodiless:
                break
            held.append(block)
            self._size += len(block)
            if head.length is not None and self._size >= head.length:
                excess = self._size - head.length
                if excess:
                    _say_too_much(head)
                    held[-1] = held[-1][:-excess]
                self._hand_over(held)
                held = []
            elif not alone and (self._size > JOINED or not (in_hand or head.is_short(JOINED))):
                self._emit(held[0] if len(held) == 1 else b"".join(held))
                held.clear()
        if self.done:
            return
        head = self._known_head()
        if head.length is not None and self._size < head.length and not head.bodiless:
            raise AnswerBroken(f"The application promised {head.length} bytes and gave {self._size}.")
        self._hand_over(held)

    def _known_head(self) -> Head:
        if self._head is None:
            raise RuntimeError("The application sent a body before it called start_response.")
        return self._head

    def _write(self, block: bytes) -> None:
        """What ``start_response`` returns."""
        head = self._known_head()
        if not block or head.bodiless:
            return
        self._size += len(block)
        if head.length is not None and self._size > head.length:
            raise AnswerBroken(f"The application promised {head.length} bytes and wrote more.")
        self._emit(block)

    def _emit(self, block: bytes) -> None:
        """Hands a block to the loop, once there is room. Raises `ClientLeft` when nobody wants it any more."""
        if not self._started:
            self._take_place(obliged=self._environ["REQUEST_METHOD"] not in _CHANGES_NOTHING)
        with self._lock:
            while self._unsent >= WINDOW and not self.aborted:
                self._wait_for_room()
            if self.aborted:
                raise ClientLeft
            self._started = True
            self._blocks.append(block)
            self._unsent += len(block)
            wake, self._signalled = not self._signalled, True
        if wake:
            self._wake()

    def _wait_for_room(self) -> None:
        """Few answers are so large that their thread waits, so what it waits for is made here. Holds the lock."""
        if self._room is None:
            self._room = threading.Condition(self._lock)
        self._room.wait()

    def _make_room(self) -> None:
        """Wakes the thread, if it waits. Holds the lock."""
        if self._room is not None:
            self._room.notify_all()

    def _hand_over(self, held: list[bytes]) -> None:
        """The answer is whole, or has failed: called once."""
        with self._lock:
            self._blocks.extend(held)
            self.done = True
            wake, self._signalled = not self._signalled, True
        if wake:
            self._wake()

    def _wake(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self._signal)
        except RuntimeError:  # the loop is gone, and with it everybody who could be told
            return

    def _take_place(self, *, obliged: bool) -> None:
        if not self._placed:
            self._places.enter(self, obliged=obliged)
            self._placed = True

    def _fail(self, error: BaseException) -> None:
        if self.done:
            logger.error("The application failed after its answer was whole.", exc_info=error)
            return
        if not self.aborted:
            told = f"The application raised {error!r}."
            self._failure = error if isinstance(error, Exception) else BackendFailed(told)
        elif not isinstance(error, ClientLeft | UploadCut):
            logger.error("The application failed after its client had left.", exc_info=error)

    def _close(self, iterable: Any) -> None:
        try:
            close = getattr(iterable, "close", None)
            if close is not None:
                close()
        except BaseException:  # the thread's edge: the answer is whole, or has failed already
            logger.exception("The application failed in close().")

    # The loop's half.

    async def wait(self) -> None:
        """Until there is something to send, the end, or `abort`. Raises `ClientLeft` for the last."""
        if not self.aborted:
            await self._news
        if self.aborted:
            raise ClientLeft

    async def respond(self, send: Send) -> None:
        """Sends everything, from the start to the end. Raises what the application raised."""
        body, ended = self._take()
        head = self._known_head()
        if ended:
            self.begun = True
            await send(head.message(len(body)))
            await send({"type": "http.response.body", "body": body, "more_body": False})
            return
        try:
            async with asyncio.timeout(None) as patience:
                await self._stream(head, body, send, patience)
        except TimeoutError:
            if patience.expired():
                raise ClientLeft from None
            raise  # the application's own

    async def _stream(self, head: Head, body: bytes, send: Send, patience: asyncio.Timeout) -> None:
        ended = False
        self.begun = True
        self._be_patient(patience, len(body))
        await send(head.message(None))
        while True:
            if body or ended:
                await send({"type": "http.response.body", "body": body, "more_body": not ended})
            if ended:
                return
            patience.reschedule(None)
            self._sent(len(body))
            await self.wait()
            body, ended = self._take()
            self._be_patient(patience, len(body))

    def _be_patient(self, patience: asyncio.Timeout, size: int) -> None:
        patience.reschedule(self.loop.time() + self._patience * (1 + size // JOINED))

    def abort(self) -> None:
        """Nobody wants the answer any more: the thread's next read or block fails, and who waits is woken."""
        with self._lock:
            self.aborted = True
            self._make_room()
        if self._upload is not None:
            self._upload.cut()
        self._signal()

    def _take(self) -> tuple[bytes, bool]:
        """What has come since, and whether it is the end. Raises the failure: blocks that nobody completes are lost."""
        with self._lock:
            blocks, self._blocks = self._blocks, []
            self._signalled = False
            ended = self.done
            if not ended and self._news.done():
                self._news = self.loop.create_future()
        if ended and self._failure is not None:
            try:
                raise self._failure
            finally:
                self._failure = None  # its traceback holds this exchange
        return (blocks[0] if len(blocks) == 1 else b"".join(blocks)), ended

    def _sent(self, size: int) -> None:
        with self._lock:
            self._unsent -= size
            self._make_room()

    def _signal(self) -> None:
        if not self._news.done():
            self._news.set_result(None)


def _say_too_much(head: Head) -> None:
    logger.warning("The application promised %s bytes and gave more, which is cut.", head.length)
