"""What one socket is still to be told, and how it leaves: at once where the client takes it, else by a task."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi_app.jobs.event import Event
from fastapi_app.progress.begun import Begun
from fastapi_app.progress.news import News
from fastapi_app.progress.outbox import Outbox, Overflowed

POLICY, TOO_BIG, TRY_LATER, LOGIN_ENDED = 1008, 1009, 1013, 4401
SEND_WITHIN = 20.0
"""Seconds for which a client may take nothing of what it is told."""


class Ended(Exception):
    """The socket is to be closed, with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Outlet:
    """Takes news at any time and hands them to `send`, one after the other, as fast as that returns.

    Everything runs in the event loop's one thread. News leave before `offer` returns where the client takes them;
    where it does not, the task that calls `pump` and `rest` goes on. Nothing leaves before the first `pump`.
    """

    def __init__(
        self,
        send: Callable[[News], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
        within: float = SEND_WITHIN,
    ) -> None:
        self._send = send
        self._clock = clock
        self._within = within
        self._outbox = Outbox()
        self._turn = asyncio.Lock()
        self._answers = 0
        self._awake = asyncio.Event()
        self._end: Ended | None = None
        self._is_open = False
        self._begun: Begun | None = None

    def offer(self, news: News) -> None:
        """Sends news, or queues them where the client is slow or busy. Neither blocks nor raises."""
        now = self._clock()
        try:
            self._outbox.offer(news, now)
        except Overflowed:
            self.end(Ended(TRY_LATER, "reads too slowly"))
            return
        if self._is_free and (batch := self._outbox.take(now)):
            begun = Begun(self._deliver(batch))
            self._begun = None if begun.done else begun
        if self._begun is not None or self._outbox.due() is not None:
            self._awake.set()

    def told(self, event: Event) -> None:
        """Notes what is about to be said in an answer: nothing older follows it."""
        self._outbox.told(event)

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """For who answers a client, from reading the rows until the answer is sent: no news overtake it."""
        self._answers += 1
        try:
            async with self._turn:
                yield
        finally:
            self._answers -= 1

    def end(self, why: Ended) -> None:
        """Lets `pump` raise this."""
        self._end = why
        self._awake.set()

    def close(self) -> None:
        """Nothing leaves any more; what was begun is given up."""
        self._is_open = False
        if self._begun is not None:
            self._begun.close()

    async def pump(self) -> None:
        """Sends what may leave now, and returns once nothing is left. Raises Ended."""
        self._is_open = True
        while self._end is None:
            begun, self._begun = self._begun, None
            if begun is not None:
                await self._patiently(begun)
            async with self._turn:
                batch = self._outbox.take(self._clock())
                for news in batch:
                    await self._patiently(self._send(news))
            if not batch:
                return
        raise self._end

    async def rest(self, until: float | None = None) -> None:
        """Until there may be something to send, or the clock says `until`."""
        due = self._outbox.due()
        times = [moment for moment in (due, until) if moment is not None]
        self._awake.clear()
        if self._end is not None or self._begun is not None:
            return
        left = min(times) - self._clock() if times else None
        timer = None if left is None else asyncio.get_running_loop().call_later(max(0.0, left), self._awake.set)
        try:
            await self._awake.wait()
        finally:
            if timer is not None:
                timer.cancel()

    @property
    def _is_free(self) -> bool:
        busy = self._turn.locked() or self._answers or self._begun is not None
        return self._is_open and self._end is None and not busy

    async def _deliver(self, batch: Sequence[News]) -> None:
        async with self._turn:
            for news in batch:
                await self._send(news)

    async def _patiently(self, sending: Awaitable[None]) -> None:
        """Raises Ended when the client takes nothing for too long: its buffers and ours are full."""
        try:
            async with asyncio.timeout(self._within):
                await sending
        except TimeoutError:
            raise Ended(TRY_LATER, "reads too slowly") from None
