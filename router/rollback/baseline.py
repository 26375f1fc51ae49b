"""Pure: what the control took, as evidence of a route, so that a later process can compare modern with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from migration_flags import JSON, Evidence

SOURCE = "baseline"
"""What it is kept under: one piece for each route, of whichever worker wrote last."""
AGE = timedelta(days=30)
"""Older ones count no more: the machine, or what is in the database, may be another."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Durations of the control (seconds), a fair sample, seen while the route's flag had ``epoch``."""

    epoch: int
    durations: Sequence[float]


def piece(key: str, baseline: Baseline, version: str, now: datetime) -> Evidence:
    """The evidence. ``version`` names the code that was measured."""
    durations: list[JSON] = [float(f"{one:.4g}") for one in baseline.durations]
    summary: Mapping[str, JSON] = {"version": version, "legacy_seconds": durations}
    return Evidence(key, "canary", now.isoformat(), baseline.epoch, summary, SOURCE)


def recalled(pieces: Iterable[Evidence], version: str, now: datetime) -> tuple[float, ...]:
    """The durations that the newest piece about this code tells; empty where none does, or nobody can read it."""
    found = [one for one in pieces if one.source == SOURCE and one.summary.get("version") == version and _new(one, now)]
    return _durations(max(found, key=lambda one: one.at)) if found else ()


def _new(piece: Evidence, now: datetime) -> bool:
    try:
        return now - datetime.fromisoformat(piece.at) <= AGE
    except (TypeError, ValueError):
        return False


def _durations(piece: Evidence) -> tuple[float, ...]:
    told = piece.summary.get("legacy_seconds")
    if not isinstance(told, list | tuple):
        return ()
    return tuple(float(one) for one in told if isinstance(one, int | float) and isfinite(one) and one >= 0)
