"""Pure: which side answers a row, and which stages a row may be given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from migration_flags import ANYONE, Evaluation, Plan, Reason, Snapshot, Stage, Visitor, plan
from router.errors import OwnershipRefused
from router.row import Owner, Row, Side

ONLY_OWNER = "only owner"
_MOVING = frozenset({Stage.CANARY, Stage.MODERN})
_NOTHING: Mapping[str, str] = {}


class Decision(NamedTuple):
    """``side`` answers, because of ``reason``; ``stage`` and ``epoch`` are the flag's.

    ``bucket`` is the visitor's, 0 to 99,999, where a percentage decided. (A tuple, for a canary makes one per request.)
    """

    side: Side
    stage: Stage
    reason: str
    epoch: int
    bucket: int | None = None


class Selection(NamedTuple):
    """The decision for one request. ``private``: another visitor might get another side.

    ``introduction`` is a Set-Cookie header for a visitor who had no name, or None.
    """

    decision: Decision
    visitor: Visitor = ANYONE
    private: bool = False
    introduction: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a snapshot says of a row before anybody asked.

    ``decision`` and ``selection`` are for a visitor of whom nothing is known. ``asks``: they may be others for other
    visitors. ``settled``: they are the same for all, whatever they present. ``watched``: both sides have the row, and
    modern answers some of it, or all.
    """

    row: Row
    plan: Plan
    decision: Decision
    asks: bool
    settled: bool
    watched: bool
    selection: Selection = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "selection", Selection(self.decision))

    def decide(self, visitor: Visitor) -> Decision:
        """The decision for this visitor."""
        return self.decision if self.settled else decide(self.row, self.plan.evaluate(visitor))


def decide(row: Row, evaluation: Evaluation) -> Decision:
    """The side for a row. A row with one owner goes there, whatever its flag says."""
    if row.owner is not Owner.BOTH:
        return Decision(Side(row.owner.value), evaluation.stage, ONLY_OWNER, evaluation.epoch)
    side = Side.MODERN if evaluation.modern else Side.LEGACY
    return Decision(side, evaluation.stage, evaluation.reason, evaluation.epoch, evaluation.bucket)


def prospect(row: Row, snapshot: Snapshot, withheld: str | None = None) -> Prospect:
    """What ``snapshot`` says of a row. ``withheld``: why this worker sends everybody to legacy, whatever it says."""
    planned = plan(snapshot, row.key)
    stage = planned.default.stage
    if row.owner is not Owner.BOTH:
        return Prospect(row, planned, decide(row, planned.default), asks=False, settled=True, watched=False)
    if withheld is not None and stage is not Stage.RETIRED:
        default = Evaluation(row.key, stage, False, Reason.LATCHED, snapshot.epoch)
        planned = replace(planned, default=default, firm=True, needs_visitor=False)
        decision = decide(row, default)._replace(reason=withheld)
        return Prospect(row, planned, decision, asks=False, settled=True, watched=False)
    decision = decide(row, planned.evaluate(ANYONE))
    watched = stage in _MOVING and not (planned.firm and decision.side is Side.LEGACY)
    return Prospect(row, planned, decision, planned.needs_visitor, planned.firm, watched)


def prospects(rows: Iterable[Row], snapshot: Snapshot, withheld: Mapping[str, str] = _NOTHING) -> dict[Row, Prospect]:
    """Every row's prospect under one snapshot. ``withheld`` is by key."""
    return {row: prospect(row, snapshot, withheld.get(row.key)) for row in rows}


def refuse_stage(row: Row, stage: Stage) -> None:
    """Raises `OwnershipRefused` where the row has no handler on the side that the stage names."""
    if row.owner is Owner.LEGACY and stage is not Stage.LEGACY:
        raise OwnershipRefused(f"{row.key} has no modern handler: it can't be {stage}.")
    if row.owner is Owner.MODERN and stage not in {Stage.MODERN, Stage.RETIRED}:
        raise OwnershipRefused(f"{row.key} has no legacy handler: it can't be {stage}.")
