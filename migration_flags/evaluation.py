"""Pure: what a snapshot says about a route. Never raises; doubt means legacy, with the reason."""

from dataclasses import dataclass
from enum import StrEnum

from migration_flags.flag import SERVED_STAGES, Stage
from migration_flags.snapshot import Snapshot


class Reason(StrEnum):
    """Why the evaluation came out as it did."""

    FLAG = "flag"
    NO_FLAG = "no flag"
    STAGE_NOT_SERVED = "stage not served"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The stage to serve a route at, why, and the epoch of the snapshot that said so."""

    key: str
    stage: Stage
    reason: Reason
    epoch: int


def evaluate(snapshot: Snapshot, key: str) -> Evaluation:
    """The stage to serve ``key`` at.

    A route without a flag is legacy. A stage that this version can't serve (written by a newer one) is legacy too.
    """
    flag = snapshot.get(key)
    if flag is None:
        return Evaluation(key, Stage.LEGACY, Reason.NO_FLAG, snapshot.epoch)
    if flag.stage not in SERVED_STAGES:
        return Evaluation(key, Stage.LEGACY, Reason.STAGE_NOT_SERVED, snapshot.epoch)
    return Evaluation(key, flag.stage, Reason.FLAG, snapshot.epoch)
