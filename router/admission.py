"""Who may take a thread, and who waits for one. Lives on the event loop; no locks."""

import asyncio
from collections import deque
from collections.abc import Callable

from router.errors import Saturated


class Admission:
    """At most ``threads`` inside, at most ``queue`` waiting, none of them longer than ``deadline`` seconds.

    A place is held until `leave`, which is called when the thread is free: not when the client has its answer, and
    not when the client has gone.
    """

    def __init__(self, threads: int, queue: int, deadline: float) -> None:
        self.threads = threads
        self.queue = queue
        self.deadline = deadline
        self.inside = 0
        self.closed = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        return sum(not ticket.done() for ticket in self._waiting)

    @property
    def retry_after(self) -> int:
        """Seconds after which another attempt makes sense."""
        return max(1, round(self.deadline))

    def try_enter(self) -> bool:
        """Takes a free place at once, if there is one and nobody waits."""
        if self.inside < self.threads and not self._waiting and not self.closed:
            self.inside += 1
            return True
        return False

    async def enter(self, watch: Callable[["asyncio.Future[None]"], "asyncio.Task[None]"]) -> None:
        """Waits for a place. Raises `Saturated`, or what ``watch`` puts into the ticket (the client left)."""
        if self.closed or self.waiting >= self.queue:
            raise Saturated(self.retry_after)
        loop = asyncio.get_running_loop()
        ticket: asyncio.Future[None] = loop.create_future()
        self._waiting.append(ticket)
        timer = loop.call_later(self.deadline, self._expire, ticket)
        watcher = watch(ticket)
        try:
            await ticket
        except asyncio.CancelledError:
            if _granted(ticket):
                self.leave()
            raise
        finally:
            timer.cancel()
            watcher.cancel()
            if ticket in self._waiting:
                self._waiting.remove(ticket)

    def leave(self) -> None:
        """Gives the place to whoever waits longest."""
        self.inside -= 1
        while self._waiting and self.inside < self.threads:
            ticket = self._waiting.popleft()
            if not ticket.done():
                self.inside += 1
                ticket.set_result(None)

    def close(self) -> None:
        """Lets nobody in any more, and sends away who waits."""
        self.closed = True
        while self._waiting:
            self._expire(self._waiting.popleft())

    def _expire(self, ticket: "asyncio.Future[None]") -> None:
        if not ticket.done():
            ticket.set_exception(Saturated(self.retry_after))


def _granted(ticket: "asyncio.Future[None]") -> bool:
    return ticket.done() and not ticket.cancelled() and ticket.exception() is None
