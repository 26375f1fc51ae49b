"""What the console changes of flags: moves up and down, the mirror, the kill switch, promotion by itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from migration_flags import (
    AuditRow,
    Change,
    ChangeRefused,
    DependencyRefused,
    EpochMoved,
    PercentRefused,
    RetiredRefused,
    Snapshot,
    Stage,
)
from migration_flags.errors import ReasonMissing, TextRefused
from router.console import said
from router.console.answer import Answer, told
from router.console.board import Board
from router.console.errors import Conflict, Unfit
from router.console.route_view import history_told
from router.console.surroundings import Surroundings
from router.console.visit import Visit
from router.decision import refuse_stage
from router.errors import OwnershipRefused, UnknownRoute
from router.mirror.apart import Apart
from router.partition import OUT_OF_REACH
from router.promotion.judgement import Judge, here, is_down, used
from router.promotion.step import Step
from router.promotion.unattended import turned
from router.row import Owner, Row

T = TypeVar("T")

Skipped = list[dict[str, str]]


class Moves:
    """Every public method is a `Handle`. Stores are asked in ``thread``; this worker shows a change at once."""

    def __init__(self, surroundings: Surroundings, board: Board, thread: Apart) -> None:
        self._around = surroundings
        self._board = board
        self._thread = thread

    async def move(self, visit: Visit) -> Answer:
        """Routes to a stage: as their evidence allows, or (``gated`` false) as somebody says."""
        posted = visit.posted
        gated = said.switch(posted, "gated")
        stage = said.stage(posted)
        target = Step(stage, said.percent(posted, stage))
        rows = self._rows(said.keys(posted))
        reason, epoch = said.text(posted, "reason"), said.epoch(posted)

        def job() -> Answer:
            snapshot = self._snapshot(epoch)
            if gated:
                return self._written(self._promote(rows, target, snapshot, visit.who.name, reason), [])
            changes, skipped = _allowed(rows, target)
            return self._written(self._apply(changes, visit.who.name, reason, snapshot.epoch), skipped)

        return await self._done(job)

    async def roll_back(self, visit: Visit) -> Answer:
        """Routes down, at once: it waits for nobody's epoch."""
        posted = visit.posted
        stage = said.stage(posted)
        target = Step(stage, said.percent(posted, stage))
        rows = self._rows(said.keys(posted))
        reason = said.text(posted, "reason")

        def job() -> Answer:
            snapshot = self._around.store.snapshot()
            changes, skipped = _downward(rows, target, snapshot)
            return self._written(self._apply(changes, visit.who.name, reason, None), skipped)

        return await self._done(job)

    async def mirror(self, visit: Visit) -> Answer:
        """How many of the requests are copied; null is what the stage does by itself."""
        posted = visit.posted
        rows, percent = self._rows(said.keys(posted)), said.percent(posted)
        reason, epoch = said.text(posted, "reason"), said.epoch(posted)

        def job() -> Answer:
            snapshot = self._snapshot(epoch)
            changes, skipped = _mirrored(rows, percent, snapshot)
            return self._written(self._apply(changes, visit.who.name, reason, snapshot.epoch), skipped)

        return await self._done(job)

    async def kill(self, visit: Visit) -> Answer:
        """The switch that sends everybody to legacy."""
        on, reason = said.switch(visit.posted, "on"), said.text(visit.posted, "reason")
        return await self._done(
            lambda: self._written(self._around.store.kill(on, actor=visit.who.name, reason=reason), [])
        )

    async def auto(self, visit: Visit) -> Answer:
        """Whether a route is promoted by itself."""
        (row,) = self._rows((said.text(visit.posted, "key"),), "key")
        on = said.switch(visit.posted, "on")
        if row.owner is not Owner.BOTH:
            raise Unfit("key", f"must be a route that both sides have: only {row.owner.value} has {row.key}")

        def job() -> Answer:
            store = self._around.store
            store.keep(turned(row.key, on, actor=visit.who.name, at=store.now(), epoch=store.epoch()))
            self._board.changed(row.key)
            return told({"key": row.key, "auto": on})

        return await self._done(job)

    def _promote(
        self, rows: Sequence[Row], target: Step, snapshot: Snapshot, actor: str, reason: str
    ) -> tuple[AuditRow, ...]:
        """All of them, or none: raises `Conflict` with what each one lacks."""
        around = self._around
        frozen = [f"The flag store is {OUT_OF_REACH}."] if around.flags.is_frozen else []
        judge = Judge(around.store, around.version, around.forbidding, frozen)
        judged = judge.judge(rows, snapshot, target)
        missing = {one.row.key: list(one.verdict.missing) for one in judged if not one.verdict.allowed}
        if missing:
            raise Conflict(f"The evidence does not allow it for {len(missing)} of {len(rows)} routes.", missing=missing)
        changes = [one.change() for one in judged]
        evidence = {"used": used(judged)}
        return self._apply(changes, actor, reason, snapshot.epoch, gated=True, evidence=evidence)

    def _apply(
        self, changes: Sequence[Change], actor: str, reason: str, epoch: int | None, **more: Any
    ) -> tuple[AuditRow, ...]:
        if not changes:
            return ()
        return self._around.store.apply(changes, actor=actor, reason=reason, if_epoch=epoch, **more)

    def _snapshot(self, epoch: int) -> Snapshot:
        """The flags, if they are still those that somebody decided on. Raises `EpochMoved`."""
        snapshot = self._around.store.snapshot()
        if snapshot.epoch != epoch:
            raise EpochMoved(epoch, snapshot.epoch)
        return snapshot

    def _rows(self, keys: Iterable[str], field: str = "keys") -> tuple[Row, ...]:
        try:
            return tuple(dict.fromkeys(self._around.table[key] for key in keys))
        except UnknownRoute as error:
            raise Unfit(field, f"must be known: there is no route {error.key!r}") from None

    def _written(self, rows: Sequence[AuditRow], skipped: Skipped) -> Answer:
        if rows:
            self._around.flags.refresh()
        epoch = rows[0].epoch if rows else self._around.store.epoch()
        return told({"epoch": epoch, "rows": [history_told(row) for row in rows], "skipped": skipped})

    async def _done(self, job: Callable[[], Answer]) -> Answer:
        def translated() -> Answer:
            with _refusals():
                return job()

        return await self._thread.call(translated)


def _allowed(rows: Iterable[Row], target: Step) -> tuple[list[Change], Skipped]:
    """Rows that have a handler where they shall go."""
    changes: list[Change] = []
    skipped: Skipped = []
    for row in rows:
        try:
            refuse_stage(row, target.stage)
            changes.append(Change(row.key, target.stage, target.percent))
        except OwnershipRefused as error:
            skipped.append({"key": row.key, "why": str(error)})
    return changes, skipped


def _downward(rows: Iterable[Row], target: Step, snapshot: Snapshot) -> tuple[list[Change], Skipped]:
    """Rows that stand above ``target``."""
    changes: list[Change] = []
    skipped: Skipped = []
    for row in rows:
        flag = snapshot.get(row.key)
        if flag is not None and flag.stage is Stage.RETIRED:
            skipped.append({"key": row.key, "why": f"{row.key} is retired: its legacy handler is gone."})
        elif is_down(flag, target):
            changes.append(Change(row.key, target.stage, target.percent))
        else:
            skipped.append({"key": row.key, "why": f"{target} is not below {here(flag)}."})
    return changes, skipped


def _mirrored(rows: Iterable[Row], percent: float | None, snapshot: Snapshot) -> tuple[list[Change], Skipped]:
    """Rows that both sides have. Nothing else of their flags changes, a latch included."""
    changes: list[Change] = []
    skipped: Skipped = []
    for row in rows:
        flag = snapshot.get(row.key)
        if row.owner is not Owner.BOTH:
            skipped.append(
                {"key": row.key, "why": f"Only {row.owner.value} has {row.key}: there is nothing to mirror."}
            )
        elif flag is None:
            changes.append(Change(row.key, Stage.LEGACY, mirror=percent))
        else:
            changes.append(Change(row.key, flag.stage, flag.percent, mirror=percent, latch=flag.latch))
    return changes, skipped


@contextmanager
def _refusals() -> Iterator[None]:
    """What a store refuses, as what the page can show."""
    try:
        yield
    except EpochMoved as error:
        raise Conflict("Somebody changed the flags meanwhile. Look again, and repeat.", epoch=error.found) from error
    except (DependencyRefused, RetiredRefused) as error:
        raise Conflict(str(error), missing={error.key: [str(error)]}) from error
    except OwnershipRefused as error:
        raise Conflict(str(error)) from error
    except PercentRefused as error:
        raise Unfit("percent", str(error).removesuffix(".")) from error
    except (ReasonMissing, TextRefused) as error:
        raise Unfit("reason", str(error).removesuffix(".")) from error
    except ChangeRefused as error:
        raise Conflict(str(error)) from error
