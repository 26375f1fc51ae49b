"""What one socket is still to be told, and the task that tells it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from fastapi_app.jobs.event import Event
from fastapi_app.progress.news import News
from fastapi_app.progress.outbox import Outbox, Overflowed

POLICY, TOO_BIG, TRY_LATER, LOGIN_ENDED = 1008, 1009, 1013, 4401


class Ended(Exception):
    """The socket is to be closed, with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Outlet:
    """Takes news at any time and hands them to `send`, one after the other, as fast as that returns.

    Everything runs in the event loop's one thread. `turn` is held while something is sent; who answers a client holds
    it from reading the rows until the answer is sent, so that no news overtake an answer that is older.
    """

    def __init__(self, send: Callable[[News], Awaitable[None]], clock: Callable[[], float] = time.monotonic) -> None:
        self.turn = asyncio.Lock()
        self._send = send
        self._clock = clock
        self._outbox = Outbox()
        self._awake = asyncio.Event()
        self._end: Ended | None = None

    def offer(self, news: News) -> None:
        """Queues news. Neither blocks nor raises."""
        try:
            self._outbox.offer(news, self._clock())
        except Overflowed:
            self.end(Ended(TRY_LATER, "reads too slowly"))
        self._awake.set()

    def told(self, event: Event) -> None:
        """Notes what is about to be said in an answer: nothing older follows it."""
        self._outbox.told(event)

    def end(self, why: Ended) -> None:
        """Lets `pump` raise this."""
        self._end = why
        self._awake.set()

    async def pump(self) -> None:
        """Sends what may leave now, and returns once nothing is left. Raises Ended."""
        while self._end is None:
            async with self.turn:
                batch = self._outbox.take(self._clock())
                for news in batch:
                    await self._send(news)
            if not batch:
                return
        raise self._end

    async def rest(self, until: float | None = None) -> None:
        """Until there may be something to send, or the clock says `until`."""
        due = self._outbox.due()
        times = [moment for moment in (due, until) if moment is not None]
        self._awake.clear()
        if self._end is not None:
            return
        left = min(times) - self._clock() if times else None
        timer = None if left is None else asyncio.get_running_loop().call_later(max(0.0, left), self._awake.set)
        try:
            await self._awake.wait()
        finally:
            if timer is not None:
                timer.cancel()
