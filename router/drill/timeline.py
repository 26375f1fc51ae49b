"""What happened in a drill, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from migration_flags import JSON


@dataclass(frozen=True, slots=True)
class Event:
    """``at`` is in seconds since the first request."""

    at: float
    what: str


@dataclass(slots=True)
class Timeline:
    """``asked`` requests, of which modern ``failed`` some. ``trip`` names the rule that took the route back.

    ``seconds`` from the first fault to the latch; None where there was none. ``left``: sentences on what is left of the
    drill, or why there was no rollback.
    """

    route: str
    path: str
    events: list[Event] = field(default_factory=list)
    asked: int = 0
    failed: int = 0
    trip: str | None = None
    seconds: float | None = None
    evidence: Mapping[str, JSON] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def is_rolled_back(self) -> bool:
        return self.trip is not None
