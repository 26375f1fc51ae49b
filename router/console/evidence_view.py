"""What the evidence of every route comes to, read a little at a time: there may be hundreds, with much of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from migration_flags import Evidence, FlagStore
from router.comparison.field_waiver import applied
from router.comparison.summary import Summary
from router.console.agreement import Agreement, agreement, compared_with
from router.promotion.unattended import is_on
from router.row import Owner
from router.table import RouteTable
from router.waiver_book import WaiverBook

AGE = 10.0
"""Seconds that what was read of a route is good for."""
BUDGET = 0.15
"""Seconds that one look may read."""


@dataclass
class _Known:
    read_at: float = float("-inf")
    summary: Summary = field(default_factory=Summary)
    auto: bool = False


class EvidenceView:
    """Reads in the thread that calls; one at a time. ``unattended`` is for routes of which nothing was said."""

    def __init__(
        self,
        store: FlagStore,
        table: RouteTable,
        book: WaiverBook,
        version: str,
        *,
        unattended: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._book = book
        self._version = version
        self._unattended = unattended
        self._clock = clock
        self._known = {row.key: _Known(auto=unattended) for row in table if row.owner is Owner.BOTH}

    def look(self, first: Sequence[str] = (), budget: float = BUDGET) -> None:
        """Reads anew what is old, the longest unread first, ``first`` before all others, for so many seconds.

        Raises `FlagError`.
        """
        until = self._clock() + budget
        urgent = frozenset(first)
        now = self._clock()
        old = [key for key, known in self._known.items() if now - known.read_at > AGE]
        for key in sorted(old, key=lambda key: (self._known[key].read_at, key not in urgent)):
            self.read(key)
            if self._clock() > until:
                return

    def read(self, key: str) -> tuple[Evidence, ...]:
        """Reads one route's evidence now, newest first. Raises `FlagError`."""
        pieces = self._store.evidence(key)
        known = self._known.get(key)
        if known is not None:
            known.summary = compared_with(pieces, self._version)
            known.auto = is_on(pieces, self._unattended)
            known.read_at = self._clock()
        return pieces

    def forget(self, key: str) -> None:
        """What was read of a route is old now."""
        known = self._known.get(key)
        if known is not None:
            known.read_at = float("-inf")

    def summary(self, key: str, today: date) -> Summary:
        """What was compared, under the waivers that hold."""
        known = self._known.get(key)
        return Summary() if known is None else applied(known.summary, self._book.of(key), today)

    def agreement(self, key: str, today: date) -> Agreement | None:
        return agreement(self.summary(key, today), today)

    def is_unattended(self, key: str) -> bool:
        known = self._known.get(key)
        return known is not None and known.auto
