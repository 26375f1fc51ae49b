"""Pure: which side answers a row, and which stages a row may be given."""

from collections.abc import Iterable
from dataclasses import dataclass

from migration_flags import Evaluation, Snapshot, Stage, evaluate
from router.errors import OwnershipRefused
from router.row import Owner, Row, Side

ONLY_OWNER = "only owner"


@dataclass(frozen=True, slots=True)
class Decision:
    """``side`` answers, because of ``reason``; ``stage`` and ``epoch`` are the flag's."""

    side: Side
    stage: Stage
    reason: str
    epoch: int


def decide(row: Row, evaluation: Evaluation) -> Decision:
    """The side for a row. A row with one owner goes there, whatever its flag says."""
    if row.owner is not Owner.BOTH:
        return Decision(Side(row.owner.value), evaluation.stage, ONLY_OWNER, evaluation.epoch)
    side = Side.MODERN if evaluation.stage is Stage.MODERN else Side.LEGACY
    return Decision(side, evaluation.stage, evaluation.reason.value, evaluation.epoch)


def decide_all(rows: Iterable[Row], snapshot: Snapshot) -> dict[Row, Decision]:
    """Every row's decision under one snapshot."""
    return {row: decide(row, evaluate(snapshot, row.key)) for row in rows}


def refuse_stage(row: Row, stage: Stage) -> None:
    """Raises `OwnershipRefused` where the row has no handler on the side that the stage names."""
    if row.owner is Owner.LEGACY and stage is not Stage.LEGACY:
        raise OwnershipRefused(f"{row.key} has no modern handler: it can't be {stage}.")
    if row.owner is Owner.MODERN and stage is not Stage.MODERN:
        raise OwnershipRefused(f"{row.key} has no legacy handler: it can't be {stage}.")
