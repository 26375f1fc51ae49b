"""Pure: when a route that took itself back is tried again, and how far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from migration_flags import Change, Flag, Stage
from router.promotion.step import Step, step_before


@dataclass(frozen=True, slots=True)
class ProbeRule:
    """One attempt by itself, ``after`` the trip. A second trip within ``memory`` waits for a person."""

    after: timedelta = field(default=timedelta(minutes=5))
    memory: timedelta = field(default=timedelta(hours=24))


def probe_at(tripped_at: datetime, earlier: Iterable[datetime], rule: ProbeRule) -> datetime | None:
    """When to try again by itself. None where the route tripped before within memory."""
    recent = any(tripped_at - rule.memory < one < tripped_at for one in earlier)
    return None if recent else tripped_at + rule.after


def due(flag: Flag, now: datetime) -> Change | None:
    """The attempt that is due for a route: a step below the one that tripped."""
    latch = flag.latch
    if latch is None or latch.probe_at is None or now < datetime.fromisoformat(latch.probe_at):
        return None
    step = step_before(Step(latch.stage, latch.percent))
    return Change(flag.key, Stage.CANARY, step.percent)
