"""Who may take a thread, and who waits for one. Lives on the event loop; only `leave_soon` is for threads."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from router.errors import Saturated

Ticket = asyncio.Future[None]
"""A place in the queue. Done: a thread is free. What is put into it as an exception ends the wait with it."""


class Admission:
    """At most ``threads`` inside, at most ``queue`` waiting, none of them longer than ``deadline`` seconds.

    A place is held until it is left, which is when the thread is free: not when the client has its answer, and not
    when the client has gone.
    """

    def __init__(self, threads: int, queue: int, deadline: float) -> None:
        self.threads = threads
        self.queue = queue
        self.deadline = deadline
        self.closed = False
        self._inside = 0
        self._left: deque[None] = deque()
        self._waiting: deque[Ticket] = deque()

    @property
    def inside(self) -> int:
        return self._inside - len(self._left)

    @property
    def waiting(self) -> int:
        return sum(not ticket.done() for ticket in self._waiting.copy())

    @property
    def retry_after(self) -> int:
        """Seconds after which another attempt makes sense."""
        return max(1, round(self.deadline))

    def try_enter(self) -> bool:
        """Takes a free place at once, if there is one and nobody waits."""
        if self._left:
            self._settle()
        if self._inside < self.threads and not self._waiting and not self.closed:
            self._inside += 1
            return True
        return False

    def refuse_if_full(self) -> None:
        """Raises `Saturated` where nobody may wait any more."""
        if self.closed or self.waiting >= self.queue:
            raise Saturated(self.retry_after)

    async def enter(self, within: float, begin: Callable[[Ticket], None]) -> None:
        """Waits for a place, at most ``within`` seconds. ``begin`` is told the ticket when the wait begins.

        Raises `Saturated`, or what was put into the ticket.
        """
        self.refuse_if_full()
        loop = asyncio.get_running_loop()
        ticket: Ticket = loop.create_future()
        self._waiting.append(ticket)
        self._settle()  # a thread that left before it could see who waits
        timer = loop.call_later(within, self._expire, ticket)
        begin(ticket)
        try:
            await ticket
        except asyncio.CancelledError:
            if _granted(ticket):
                self.leave()
            raise
        finally:
            timer.cancel()
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            del ticket  # it holds what is raised, whose traceback holds this frame

    def leave(self) -> None:
        """Gives the place to whoever waits longest."""
        self._inside -= 1
        self._call_in()

    def leave_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        """`leave`, from a thread. Wakes the loop only when somebody waits there; else the next request settles it."""
        self._left.append(None)
        if self._waiting:
            with suppress(RuntimeError):  # the loop is gone, and with it everybody who waited
                loop.call_soon_threadsafe(self._settle)

    def close(self) -> None:
        """Lets nobody in any more, and sends away who waits."""
        self.closed = True
        while self._waiting:
            self._expire(self._waiting.popleft())

    def _settle(self) -> None:
        while self._left:
            self._left.pop()
            self._inside -= 1
        self._call_in()

    def _call_in(self) -> None:
        while self._waiting and self._inside < self.threads:
            ticket = self._waiting.popleft()
            if not ticket.done():
                self._inside += 1
                ticket.set_result(None)

    def _expire(self, ticket: Ticket) -> None:
        if not ticket.done():
            ticket.set_exception(Saturated(self.retry_after))


def _granted(ticket: Ticket) -> bool:
    return ticket.done() and not ticket.cancelled() and ticket.exception() is None
