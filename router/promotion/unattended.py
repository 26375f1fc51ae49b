"""Promotes routes by itself, where somebody asked for that: off by default."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from migration_flags import (
    JSON,
    Change,
    ChangeRefused,
    EpochMoved,
    Evidence,
    Flag,
    FlagStore,
    Stage,
    StoreUnavailable,
    Worker,
)
from router.promotion.gate import gate
from router.promotion.step import Step, step_after
from router.promotion.verdict import Verdict
from router.row import Row

ACTOR = "strangler"
SOURCE = "unattended"
"""What the piece of evidence is kept under that says whether a route is promoted by itself: the newest counts."""

ERRORS_BORNE = 4
"""Failed readings in a row after which promotions hold, until one succeeds and the next."""

FROM = frozenset({Stage.SHADOW, Stage.CANARY})
"""Stages that a route leaves by itself. Leaving legacy is somebody's decision, and so is retiring."""

Gate = Callable[[Row, Flag, Sequence[Evidence], Sequence[Worker], datetime], Verdict]

logger = logging.getLogger(__name__)


def turned(key: str, on: bool, *, actor: str, at: datetime, epoch: int) -> Evidence:
    """The piece of evidence that turns it on or off for a route."""
    return Evidence(key, "canary", at.isoformat(), epoch, {"unattended": on, "actor": actor}, SOURCE)


def is_on(pieces: Iterable[Evidence], default: bool = False) -> bool:
    """Whether a route is promoted by itself."""
    said = [piece for piece in pieces if piece.source == SOURCE]
    return bool(max(said, key=lambda piece: piece.at).summary.get("unattended")) if said else default


def next_step(flag: Flag, verdict: Verdict) -> Change | None:
    """The change that is due for a route which is promoted by itself: one step up where the gate allows it."""
    if flag.stage not in FROM or flag.latch is not None or not verdict.allowed:
        return None
    step = step_after(Step(flag.stage, flag.percent))
    return None if step is None else Change(flag.key, step.stage, step.percent)


class Unattended:
    """Looks at every route once in a `round`; of several workers, the one that comes first moves it.

    ``rows`` are the routes by key. ``default`` is for routes of which nothing was said. ``judge`` is `gate` with what
    the caller knows besides. After a round that promoted a route, the next one goes on from the new flags.
    """

    def __init__(self, store: FlagStore, rows: Iterable[Row], *, default: bool = False, judge: Gate = gate) -> None:
        self._store = store
        self._rows = {row.key: row for row in rows}
        self._default = default
        self._judge = judge
        self._errors = 0

    @property
    def holds(self) -> bool:
        """Whether so many readings failed that nothing is promoted: what is known may be out of date."""
        return self._errors > ERRORS_BORNE

    def round(self) -> Change | None:
        """Promotes one route by one step, if one may go. Returns the change that was made. Never raises for a store
        that is down: that is counted, and a hold ends with the second reading that succeeds."""
        try:
            change = self._due()
        except StoreUnavailable as error:
            self._errors += 1
            logger.warning("Promotions can't be judged: %s", error)
            return None
        self._errors = 0
        return change

    def _due(self) -> Change | None:
        snapshot = self._store.snapshot()
        moving = [flag for flag in snapshot if flag.stage in FROM and flag.key in self._rows]
        if snapshot.killed or not moving:
            return None
        workers, now = self._store.workers(), self._store.now()
        for flag in moving:
            pieces = self._store.evidence(flag.key)
            if not is_on(pieces, self._default):
                continue
            verdict = self._judge(self._rows[flag.key], flag, pieces, workers, now)
            change = next_step(flag, verdict)
            if change is not None and not self.holds and self._made(change, verdict, snapshot.epoch):
                return change
        return None

    def _made(self, change: Change, verdict: Verdict, epoch: int) -> bool:
        why = f"Promoted by itself to {Step(change.stage, change.percent)}."
        evidence: dict[str, JSON] = {"used": list(verdict.used)}
        try:
            self._store.apply([change], actor=ACTOR, reason=why, gated=True, evidence=evidence, if_epoch=epoch)
        except EpochMoved:
            return False
        except ChangeRefused:
            logger.exception("%s can't be promoted.", change.key)
            return False
        return True
