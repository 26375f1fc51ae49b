"""What the guard found: a reason to take a route back, or to hold it where it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from migration_flags import Stage
from migration_flags.flag import JSON


class TripKind(StrEnum):
    """Which rule tripped. ``CONTRACT`` holds, all others roll back."""

    BURST = "burst"
    RATE = "rate"
    SEQUENTIAL = "sequential"
    LATENCY = "latency"
    CONTRACT = "contract"

    @property
    def rolls_back(self) -> bool:
        return self is not TripKind.CONTRACT


@dataclass(frozen=True, slots=True)
class Trip:
    """``epoch`` is that of the route's flag when it tripped, or of the snapshot where the flag is not known.

    ``evidence`` has the counts of both sides and the figure that decided.
    """

    key: str
    kind: TripKind
    evidence: Mapping[str, JSON] = field(hash=False)
    stage: Stage
    epoch: int
