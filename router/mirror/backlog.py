"""Requests that wait to be mirrored, and those that are being mirrored now."""

import asyncio
import contextvars
from collections import deque
from collections.abc import Callable, Coroutine

from router.mirror.limits import MirrorLimits
from router.mirror.skip import Skip
from router.mirror.ticket import Ticket

Run = Callable[[Ticket], Coroutine[None, None, None]]
"""Mirrors one request. Does not raise."""


class Backlog:
    """Lives on the event loop. Every request is run in a task with a context of its own: nothing of a visitor's."""

    def __init__(self, limits: MirrorLimits, run: Run) -> None:
        self._limits = limits
        self._run = run
        self._queue: deque[Ticket] = deque()
        self._bytes = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def objection(self, ticket: Ticket) -> Skip | None:
        """Why there is no room: the newest is dropped, not the oldest."""
        if len(self._queue) >= self._limits.queue:
            return Skip.QUEUE
        return Skip.MEMORY if self._bytes + ticket.size > self._limits.queue_bytes else None

    def add(self, ticket: Ticket) -> None:
        self._queue.append(ticket)
        self._bytes += ticket.size
        self._begin()

    async def stop(self, within: float) -> list[Ticket]:
        """Cancels what runs, and waits for it ``within`` seconds. Returns what will not be mirrored any more."""
        dropped = list(self._queue)
        self._queue.clear()
        self._bytes = 0
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        return dropped

    def _begin(self) -> None:
        while self._queue and len(self._tasks) < self._limits.concurrency:
            ticket = self._queue.popleft()
            self._bytes -= ticket.size
            task = asyncio.get_running_loop().create_task(self._run(ticket), context=contextvars.Context())
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._begin()
