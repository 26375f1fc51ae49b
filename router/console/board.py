"""The picture of all routes that the console shows: made once for all who look, and no more than once a second."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from migration_flags import AuditRow, FlagError, Snapshot, Stage, Worker
from migration_flags.workers import age, alive
from router.comparison.field_waiver import FieldWaiver
from router.console.answer import as_json
from router.console.burn_down import points
from router.console.evidence_view import EvidenceView
from router.console.past import ROWS, Past
from router.console.route_view import route_told
from router.console.surroundings import Surroundings
from router.mirror.apart import Apart
from router.refresher import Picture
from router.rollback.facts import LEFT
from router.row import Owner
from router.traffic import NAME, WINDOW, Traffic, added, heard

FRESH = 1.0
"""Seconds that a picture is good for, unless something changes."""
SILENT = 60.0
"""Seconds that a worker is still listed which beats no more."""


class Board:
    """``thread`` reads the store. ``clock`` is monotonic, ``today`` tells the time where the store can't."""

    def __init__(
        self,
        surroundings: Surroundings,
        thread: Apart,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._around = surroundings
        self._thread = thread
        self._clock = clock
        self._today = today
        self._past = Past(surroundings.store)
        self.evidence = EvidenceView(
            surroundings.store,
            surroundings.table,
            surroundings.book,
            surroundings.version,
            unattended=surroundings.unattended,
        )
        self._workers: tuple[Worker, ...] = ()
        self._skew = timedelta()
        self._lock = asyncio.Lock()
        self._made_of: Picture | None = None
        self._made_under: tuple[FieldWaiver, ...] = ()
        self._made_at = float("-inf")
        self._body = b""

    async def state(self) -> bytes:
        """The answer to ``state``, as JSON without what depends on who asks."""
        self._around.looked_at()
        async with self._lock:
            picture, waivers = self._around.flags.picture, self._around.book.known
            is_same = picture is self._made_of and waivers == self._made_under
            if not is_same or self._clock() - self._made_at > FRESH:
                self._body = await self._thread.call(self._made)
                self._made_of, self._made_under, self._made_at = picture, waivers, self._clock()
            return self._body

    def route(self, key: str) -> dict[str, Any]:
        """One route, as `state` tells it. Raises `UnknownRoute`."""
        return self._route(self._around.flags.picture, self._around.table[key].key, self._traffic())

    @property
    def now(self) -> datetime:
        """The store's clock, as far as it is known."""
        return self._today() + self._skew

    def changed(self, key: str) -> None:
        """Something was recorded of a route: the next picture shows it."""
        self.evidence.forget(key)
        self._made_of = None

    def past(self, key: str | None) -> tuple[AuditRow, ...]:
        """The newest rows of the history, of one route or of all. Blocks. Raises `FlagError`."""
        rows = self._past.look(self._around.store.epoch())
        if key is None:
            return rows
        return tuple(row for row in rows if row.key == key) if len(rows) < ROWS else self._around.store.history(key)

    def read(self, *first: str) -> str | None:
        """Reads what changed since, some routes first. What can't be read stays as it was: the trouble is returned."""
        around = self._around
        picture = around.flags.picture
        try:
            self._workers = around.store.workers()
            self._skew = around.store.now() - self._today()
            around.book.refresh()
            self._past.look(picture.snapshot.epoch)
            moving = [flag.key for flag in picture.snapshot if flag.stage in {Stage.SHADOW, Stage.CANARY}]
            self.evidence.look([*first, *moving])
        except FlagError as error:
            return str(error)
        return None

    def _made(self) -> bytes:
        trouble = self.read()
        around = self._around
        picture = around.flags.picture
        snapshot, now = picture.snapshot, self.now
        moment = now.isoformat(timespec="milliseconds")
        both = {
            row.key: prospect.decision.stage.value
            for row, prospect in picture.prospects.items()
            if row.owner is Owner.BOTH and not row.unmatched
        }
        traffic = self._traffic()
        return as_json(
            {
                "epoch": snapshot.epoch,
                "at": moment,
                "killed": snapshot.killed,
                "trouble": around.flags.trouble or trouble,
                "frozen": around.flags.is_frozen,
                "version": around.version,
                "here": around.worker,
                "window_seconds": int(WINDOW),
                "workers": _workers_told(self._workers, now, snapshot),
                "stages": _counted(both.values()),
                "owners": self._owners(),
                "burn_down": points(moment, both, self._past.rows),
                "routes": [self._route(picture, row.key, traffic) for row in around.table],
            }
        )

    def _route(self, picture: Picture, key: str, traffic: Traffic) -> dict[str, Any]:
        around = self._around
        return route_told(
            picture.prospects[around.table[key]],
            picture.snapshot.get(key),
            withheld=picture.withheld.get(key),
            traffic=traffic.get(key, {}),
            agreement=self.evidence.agreement(key, self.now.date()),
            demands=around.demands.get(key),
            auto=self.evidence.is_unattended(key),
        )

    def _owners(self) -> dict[str, int]:
        found = Counter(row.owner for row in self._around.table if not row.unmatched)
        return {owner.value: found[owner] for owner in (Owner.BOTH, Owner.LEGACY, Owner.MODERN)}

    def _traffic(self) -> Traffic:
        """Of all live workers: this one's own figures are newer than what it told."""
        around = self._around
        keys = [row.key for row in around.table]
        living = alive(self._workers, self.now)
        others = (heard(worker.facts.get(NAME), keys) for worker in living if worker.id != around.worker)
        return added([around.traffic(), *others])


def _counted(stages: Any) -> dict[str, int]:
    found = Counter(stages)
    return {stage.value: found[stage.value] for stage in Stage}


def _workers_told(workers: Sequence[Worker], now: datetime, snapshot: Snapshot) -> list[Mapping[str, Any]]:
    return [
        {
            "id": worker.id,
            "host": worker.host,
            "pid": worker.pid,
            "epoch": worker.epoch,
            "seconds_ago": round(max(0.0, age(worker, now)), 1),
            "current": worker.epoch >= snapshot.epoch,
        }
        for worker in workers
        if LEFT not in worker.facts and age(worker, now) <= SILENT
    ]
