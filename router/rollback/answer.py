"""Pure: what is written when a route has tripped."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from migration_flags import JSON, Change, Evidence, Flag, Latch, Snapshot, Stage
from router.rollback.probe import ProbeRule, probe_at
from router.rollback.trip import Trip

MIRRORED = frozenset({"GET", "HEAD"})
"""Methods whose requests may go to both sides: such a route goes back to shadow, and is still compared."""

SHARED = frozenset({Stage.CANARY, Stage.MODERN})


def present(trip: Trip, snapshot: Snapshot) -> Flag | None:
    """The flag that tripped. None where it was changed since, or is back already: then nothing is to be done."""
    flag = snapshot.get(trip.key)
    if flag is None or flag.epoch > trip.epoch or flag.stage not in SHARED:
        return None
    return flag


def back(trip: Trip, flag: Flag, now: datetime, earlier: Iterable[datetime], rule: ProbeRule) -> Change:
    """The change that takes the route back, and latches it there. ``earlier`` are the times of trips before."""
    again = probe_at(now, earlier, rule)
    latch = Latch(
        trip=trip.kind.value,
        at=now.isoformat(),
        stage=flag.stage,
        percent=flag.percent,
        probe_at=None if again is None else again.isoformat(),
        evidence=trip.evidence,
    )
    return Change(trip.key, stage_behind(trip.key), latch=latch)


def stage_behind(key: str) -> Stage:
    """Where a route goes that is taken back."""
    return Stage.SHADOW if key.partition(" ")[0] in MIRRORED else Stage.LEGACY


def earlier_trips(pieces: Iterable[Evidence], flag: Flag) -> list[datetime]:
    """When the route tripped before, at other epochs of its flag."""
    return [datetime.fromisoformat(piece.at) for piece in pieces if piece.epoch != flag.epoch]


def told(trip: Trip, worker: str) -> Mapping[str, JSON]:
    """The evidence as it is kept."""
    return {"trip": trip.kind.value, "worker": worker, **trip.evidence}


def piece(trip: Trip, flag: Flag, now: datetime, worker: str) -> Evidence:
    """What is kept beside the flag. Of several workers that trip at one epoch, the last one's stays."""
    if trip.kind.rolls_back:
        source = f"epoch {flag.epoch}"
        return Evidence(trip.key, "rollback", now.isoformat(), flag.epoch, told(trip, worker), source)
    summary: Mapping[str, JSON] = {"held": True, **told(trip, worker)}
    return Evidence(trip.key, "canary", now.isoformat(), flag.epoch, summary, f"hold {worker}")


def reason(trip: Trip, flag: Flag) -> str:
    """A sentence for the history."""
    share = "" if flag.percent is None else f" {flag.percent:g} %"
    return f"Rolled back from {flag.stage.value}{share}: {_WHY[trip.kind.value]}."


_WHY = {
    "burst": "faults in a row",
    "rate": "too many faults within a minute",
    "sequential": "the faults hit modern more often than chance allows",
    "latency": "modern was slower in window after window",
}
