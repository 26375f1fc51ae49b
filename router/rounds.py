"""One timer for all requests under way, instead of one for each."""

import asyncio

from router.watch import Watch

EVERY = 0.03
"""Seconds between two rounds. Watching a client sooner costs more than it saves."""


class Rounds:
    """Visits every member while there are any."""

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._members: set[Watch] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, watch: Watch, loop: asyncio.AbstractEventLoop) -> None:
        self._members.add(watch)
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            self._timer = loop.call_later(self._every, self._go, loop)

    def remove(self, watch: Watch) -> None:
        self._members.discard(watch)

    def _go(self, loop: asyncio.AbstractEventLoop) -> None:
        for watch in self._members:
            watch.visit()
        self._timer = loop.call_later(self._every, self._go, loop) if self._members else None
