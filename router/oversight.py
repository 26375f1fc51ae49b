"""What looks after the moving routes of one worker, in threads beside the event loop."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from migration_flags import JSON, Evidence, Flag, FlagError, FlagStore, StoreUnavailable, Worker, alive
from router.heart import Heart
from router.promotion.forbidden import Forbidding
from router.promotion.gate import gate
from router.promotion.unattended import Unattended
from router.promotion.verdict import Verdict
from router.promotion.version import code_version
from router.refresher import Refresher
from router.rollback.action import Rollback
from router.rollback.archive import Archive
from router.rollback.facts import NAME
from router.rollback.guard import Guard
from router.rollback.probe import ProbeRule
from router.rollback.rules import RollbackRules
from router.row import Row
from router.table import RouteTable
from router.traffic import NAME as TRAFFIC
from router.traffic import Traffic, told
from router.traffic_window import Window
from router.waiver_book import WaiverBook

TICK = 1.0
"""Seconds between two looks at routes that nobody asks."""
ROUND = 30.0
"""Seconds between two looks at what may be promoted by itself."""
GLANCE = 5.0
"""Seconds between two looks at the traffic."""
LOOKING = "looking"
"""True in the facts of a worker whose console somebody looks at: then all workers tell their traffic in their beats."""
ATTENTION = 15.0
"""Seconds that somebody is looked upon as looking."""


@dataclass
class Every:
    """Tells once per ``interval`` seconds that it is time."""

    interval: float
    clock: Callable[[], float]
    due: float = 0.0

    def is_due(self) -> bool:
        now = self.clock()
        if now < self.due:
            return False
        self.due = now + self.interval
        return True


class Oversight:
    """The guard with what it does, the heart, and unattended promotion. Without ``rules`` nothing is taken back.

    The guard observes on the event loop; `pulse` is called a few times a second by a thread, and does what is due.
    ``version`` names the code that runs; ``unattended`` is for routes of which nothing was said; ``forbidding`` tells
    what forbids a promotion besides. ``window`` is this worker's traffic, ``book`` the waivers that the store keeps.
    """

    def __init__(
        self,
        store: FlagStore,
        table: RouteTable,
        refresher: Refresher,
        rules: RollbackRules | None,
        *,
        unattended: bool = False,
        version: str = "",
        forbidding: Forbidding = lambda _key, _pieces: (),
        window: Window | None = None,
        book: WaiverBook | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._refresher = refresher
        self.version = code_version(table, version)
        self.heart = Heart(store, self._facts, clock=clock)
        probe = ProbeRule() if rules is None else rules.probe
        self.rollback = Rollback(store, refresher.latch, lambda: refresher.picture.snapshot, self.heart.id, probe)
        owners = {row.key: row.owner for row in table}
        self.guard: Guard | None = None
        self._archive: Archive | None = None
        if rules is not None:
            self.guard = Guard(rules, clock, self.rollback, owners, refresher.flag)
            self._archive = Archive(store, self.guard, lambda: refresher.picture.snapshot, self.version, clock)
        self._forbidding = forbidding
        self._unattended = Unattended(store, table, default=unattended, judge=self._judge)
        self._ticks = Every(TICK, clock)
        self._rounds = Every(ROUND, clock)
        self._glances = Every(GLANCE, clock)
        self._clock = clock
        self._window = window
        self.book = book or WaiverBook(store)
        self._looked_at = self._asked_at = float("-inf")
        self._traffic: JSON = None

    def start(self) -> None:
        self.heart.start()
        if self.guard is not None:
            self.rollback.start()

    def stop(self) -> None:
        """Says goodbye, where the store is there to hear it: nobody shall wait for a worker that ended in order."""
        self.rollback.stop()
        if self._refresher.running and self._refresher.trouble is None:
            with suppress(FlagError):
                self.heart.leave(self._refresher.picture.snapshot.epoch)

    def pulse(self) -> None:
        """Everything that is due. Raises the store's `FlagError`s other than `StoreUnavailable`."""
        if self.heart.beat(self._refresher.picture.snapshot.epoch):
            self._hear()
        if self.guard is not None and self._ticks.is_due():
            self.guard.tick()
        if self._archive is not None:
            self._archive.pulse()
        if self._window is not None and self._glances.is_due():
            self._window.look()
            self._traffic = None
        if not self._refresher.is_frozen and self._rounds.is_due():
            self._unattended.round()

    def _judge(
        self, row: Row, flag: Flag, pieces: Sequence[Evidence], workers: Sequence[Worker], now: datetime
    ) -> Verdict:
        pieces = self.book.apply(pieces, now.date())
        blockers = self._forbidding(row.key, pieces)
        return gate(row, flag, pieces, workers, now, version=self.version, blockers=blockers)

    def traffic(self) -> Traffic:
        """This worker's figures of the last minutes, as of the last look."""
        return {} if self._window is None else self._window.figures()

    def counted(self, key: str) -> Mapping[str, JSON] | None:
        """What the guard counts of a route; None where it is not watched."""
        return None if self.guard is None else self.guard.evidence(key)

    def look(self) -> None:
        """Somebody looks at this worker's console: for a while, all workers tell their traffic."""
        self._looked_at = self._clock()

    def _facts(self) -> dict[str, JSON]:
        facts: dict[str, JSON] = {} if self.guard is None else {NAME: self.guard.facts()}
        now = self._clock()
        if now - self._looked_at < ATTENTION:
            facts[LOOKING] = True
        if self._window is not None and now - max(self._asked_at, self._looked_at) < ATTENTION:
            self._traffic = self._traffic or told(self._window.figures())
            facts[TRAFFIC] = self._traffic
        return facts

    def _hear(self) -> None:
        """What other workers saw of the routes that this one watches, and whether somebody looks at their consoles."""
        try:
            self.book.refresh()
            living = alive(self.store.workers(), self.store.now())
        except StoreUnavailable:
            return  # who polls the flags reports it
        others = [worker for worker in living if worker.id != self.heart.id]
        if any(worker.facts.get(LOOKING) for worker in others):
            self._asked_at = self._clock()
        if self.guard is not None:
            self.guard.hear(living, self.heart.id)
