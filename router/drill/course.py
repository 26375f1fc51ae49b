"""The course of a drill: a test user asks, modern fails, and the route goes back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from migration_flags import Flag, Latch
from router.drill.errors import DrillIgnored
from router.drill.timeline import Event, Timeline
from router.row import Side

PAUSE = 0.05
"""Seconds between two requests."""
HEARD_WITHIN = 10.0
"""Seconds until the first fault: a server reads its flags a few times a second."""
TRIPS_WITHIN = 30.0
ANSWERS_WITHIN = 10.0
"""Seconds from the latch until legacy answers."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: its status, who gave it, and whether modern was made to fail for it."""

    status: int
    side: str
    failed: bool


class Front(Protocol):
    """Where the test user asks."""

    async def ask(self) -> Told:
        """One request, for which modern shall fail."""
        ...

    async def flag(self) -> Flag | None:
        """The route's flag, as the store has it."""
        ...


@dataclass
class Course:
    """One drill. ``clock`` is monotonic, in seconds. ``tell`` gets each event when it happens.

    ``within`` is how long a rollback may take, in seconds.
    """

    front: Front
    timeline: Timeline
    clock: Callable[[], float]
    tell: Callable[[Event], None] = lambda _event: None
    pause: float = PAUSE
    within: float = TRIPS_WITHIN
    began: float = field(init=False, default=0.0)

    async def run(self) -> Timeline:
        """Asks until the route has gone back, and legacy answers; or ``within`` is over. Raises `DrillIgnored`."""
        self.began = self.clock()
        first = await self._first_fault()
        latch = await self._latch(first)
        if latch is not None:
            self._note_latch(latch, first)
            await self._until_legacy()
        return self.timeline

    async def _first_fault(self) -> float:
        while True:
            told = await self._ask()
            if told.failed:
                self.note(f"modern failed for the test user; {told.side} answered {told.status}")
                return self.clock()
            if self.clock() - self.began > HEARD_WITHIN:
                raise DrillIgnored(_ignored(told))
            await asyncio.sleep(self.pause)

    async def _latch(self, first: float) -> Latch | None:
        while self.clock() - first < self.within:
            flag = await self.front.flag()
            if flag is not None and flag.latch is not None:
                return flag.latch
            await asyncio.sleep(self.pause)
            await self._ask()
        return None

    async def _until_legacy(self) -> None:
        deadline = self.clock() + ANSWERS_WITHIN
        while self.clock() < deadline:
            told = await self._ask()
            if told.side == Side.LEGACY.value and not told.failed:
                self.note(f"legacy alone answers again ({told.status})")
                return
            await asyncio.sleep(self.pause)
        self.timeline.left.append(f"Legacy did not answer within {ANSWERS_WITHIN:g} s of the latch.")

    async def _ask(self) -> Told:
        told = await self.front.ask()
        self.timeline.asked += 1
        self.timeline.failed += told.failed
        return told

    def _note_latch(self, latch: Latch, first: float) -> None:
        line = self.timeline
        line.trip, line.seconds, line.evidence = latch.trip, round(self.clock() - first, 2), latch.evidence
        self.note(f"rolled back from {latch.stage}: the {latch.trip} rule tripped after {line.failed} faults")

    def note(self, what: str) -> None:
        """Something happened now."""
        event = Event(round(self.clock() - self.began, 2), what)
        self.timeline.events.append(event)
        self.tell(event)


def _ignored(told: Told) -> str:
    return (
        f"No request was made to fail: the last answer was {told.side}'s {told.status}. Does the server run this code, "
        "with the secret that the command has, the same store, and a clock that is right?"
    )
