"""`python -m benchmarks.rollback`: how often a sound route is rolled back by mistake, and how soon a broken one is.

A simulation: seeded, in one process, about two minutes. ``--scale 5`` looks at five times as many hours and runs. The
subject is the router's own code; only traffic and time are made up. Live processes: see `rollback_live`.
"""

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.raw import RESULTS, keep
from benchmarks.rollback_traffic import Traffic, requests
from benchmarks.rollback_window import Window
from migration_flags import Stage
from router.rollback.record import Record
from router.rollback.rules import RollbackRules
from router.rollback.sequential import Answer

HOUR = 3600.0
SOUND = {
    "1 % faults on both sides": Traffic(0.0),
    "0.1 % faults on both sides": Traffic(0.0, control=0.001, candidate=0.001),
    "1 %, and outages of both sides": Traffic(0.0, outage_every=600.0),
}
HOURS = {1.0: 200, 3.0: 60, 10.0: 40, 100.0: 8}
"""By requests per second. 3 a second is where ten canary requests a minute are just enough for the trip by rate."""

ERRORS = (0.03, 0.1, 0.5)
RUNS = {1.0: 60, 10.0: 40, 100.0: 20}
LATE = 300.0
WITHIN = 1800.0
"""Seconds after which a broken route counts as missed."""


@dataclass(frozen=True)
class Mistakes:
    """Of so many hours of a sound route, in how many it was rolled back, and by which trips."""

    traffic: str
    rate: float
    hours: int
    ours: int
    window: int
    trips: dict[str, int]


@dataclass(frozen=True)
class Found:
    """Seconds until a broken route was rolled back, one for each run; None: not within `WITHIN`."""

    errors: float
    rate: float
    since: float
    ours: tuple[float | None, ...]
    window: tuple[float | None, ...]
    trips: dict[str, int]


@dataclass(frozen=True)
class Outcome:
    """When each of the two would have rolled back, in seconds; None: never. ``trip`` is ours."""

    ours: float | None
    trip: str
    window: float | None


def main(arguments: Sequence[str] | None = None, folder: Path = RESULTS) -> None:
    """Simulates, prints, keeps the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rollback")
    parser.add_argument("--scale", type=float, default=1.0, help="times as many hours and runs")
    parser.add_argument("--seed", type=int, default=2026)
    told = parser.parse_args(arguments)
    console = Console()
    mistakes = [
        watch_sound(name, replace(traffic, rate=rate), times(hours, told.scale), told.seed)
        for name, traffic in SOUND.items()
        for rate, hours in HOURS.items()
    ]
    console.print(mistakes_table(mistakes))
    found = [
        watch_broken(errors, rate, since, times(runs, told.scale), told.seed)
        for since in (0.0, LATE)
        for rate, runs in RUNS.items()
        for errors in ERRORS
    ]
    console.print(found_table(found))
    console.print(f"Raw figures: {keep('rollback', figures(mistakes, found, told.scale, told.seed), folder)}")


def times(number: int, scale: float) -> int:
    return max(1, round(number * scale))


def watch_sound(name: str, traffic: Traffic, hours: int, seed: int) -> Mistakes:
    """So many hours, each from a flag that has just changed."""
    outcomes = [simulate(traffic, HOUR, random.Random(f"{seed} {name} {traffic.rate} {hour}")) for hour in range(hours)]
    ours = Counter(one.trip for one in outcomes if one.ours is not None)
    window = sum(one.window is not None for one in outcomes)
    return Mistakes(name, traffic.rate, hours, ours.total(), window, dict(ours))


def watch_broken(errors: float, rate: float, since: float, runs: int, seed: int) -> Found:
    """Modern fails so often from ``since`` on. A run in which it was rolled back before that is left out."""
    traffic = Traffic(rate, late=since, candidate_late=errors)
    outcomes = [
        simulate(traffic, since + WITHIN, random.Random(f"{seed} {errors} {rate} {since} {run}")) for run in range(runs)
    ]
    ours = [one for one in outcomes if one.ours is None or one.ours >= since]
    return Found(
        errors,
        rate,
        since,
        tuple(None if one.ours is None else one.ours - since for one in ours),
        tuple(
            None if one.window is None else one.window - since
            for one in outcomes
            if one.window is None or one.window >= since
        ),
        dict(Counter(one.trip for one in ours if one.ours is not None)),
    )


def simulate(traffic: Traffic, seconds: float, chance: random.Random) -> Outcome:
    """One route from a change of its flag on, watched by both until both have rolled it back, or time is up."""
    record = Record("GET /simulated", Stage.CANARY, 1, 0.0, RollbackRules(), chance.random)
    window = Window()
    ours: float | None = None
    theirs: float | None = None
    trip = ""
    for at, is_candidate, unit, fault in requests(traffic, seconds, chance):
        if ours is None:
            kind = record.add(at, is_candidate, unit, Answer.FAULT if fault else Answer.GOOD, 0.01)
            if kind is not None:
                ours, trip = at, kind.value
        if theirs is None and window.add(at, is_candidate, fault):
            theirs = at
        if ours is not None and theirs is not None:
            break
    return Outcome(ours, trip, theirs)


def mistakes_table(mistakes: Sequence[Mistakes]) -> Table:
    table = Table(title="A sound route, 5 % canary: hours in which it was rolled back by mistake")
    for heading in ("traffic", "requests/s", "hours", "strangler", "by", "windowed test"):
        table.add_column(heading, justify="left" if heading in {"traffic", "by"} else "right")
    for one in mistakes:
        by = ", ".join(f"{trip} {count}" for trip, count in one.trips.items())
        table.add_row(
            one.traffic,
            f"{one.rate:g}",
            str(one.hours),
            f"{one.ours} ({one.ours / one.hours:.1%})",
            by,
            f"{one.window} ({one.window / one.hours:.1%})",
        )
    return table


def found_table(found: Sequence[Found]) -> Table:
    table = Table(title="A broken route, 5 % canary: seconds until it was rolled back, median and 95 %; runs it was")
    for heading in ("broken", "requests/s", "errors", "strangler", "by", "windowed test"):
        table.add_column(heading, justify="left" if heading in {"broken", "by"} else "right")
    for one in found:
        by = ", ".join(f"{trip} {count}" for trip, count in one.trips.items())
        broken = "from the start" if one.since == 0.0 else f"after {one.since:.0f} s"
        table.add_row(broken, f"{one.rate:g}", f"{one.errors:.0%}", seconds(one.ours), by, seconds(one.window))
    return table


def seconds(runs: Sequence[float | None]) -> str:
    """Median and 95 %, with those missed as the slowest; and how many were not missed."""
    caught = sum(one is not None for one in runs)
    waits = [WITHIN if one is None else one for one in runs]
    if len(waits) < 2:
        return f"{waits[0]:.1f}" if waits else "-"
    twentieths = quantiles(waits, n=20, method="inclusive")
    return f"{_wait(twentieths[9])}, {_wait(twentieths[18])}; {caught} of {len(runs)}"


def _wait(wait: float) -> str:
    return "missed" if wait >= WITHIN else f"{wait:.1f}"


def figures(mistakes: Sequence[Mistakes], found: Sequence[Found], scale: float, seed: int) -> dict[str, Any]:
    """What is kept of a run."""
    return {
        "scale": scale,
        "seed": seed,
        "mistakes": [asdict(one) for one in mistakes],
        "found": [asdict(one) for one in found],
    }


if __name__ == "__main__":
    main()
