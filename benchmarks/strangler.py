"""`make bench-bridge`: the bridge and the front door beside what they replace, and what they promised.

Toy applications, so that what is measured is the way to the application and not the application.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks import contenders
from benchmarks.contenders import ALL_ROUTES, CONTROLS, JUDGED, MANY_ROUTES, NOUNS, ONE_ROUTE, REQUESTS, Contender
from benchmarks.generator import Load, Outcome, generate
from benchmarks.load import LoadFailed
from benchmarks.overhead import Overhead, measure_overheads
from benchmarks.processor import processor_seconds
from benchmarks.raw import RESULTS, keep
from benchmarks.second_opinion import second_opinion
from benchmarks.targets import Cell, Ratio, Verdict, at_least, at_most, doubts, ratio
from benchmarks.toys.modern import MANY
from benchmarks.toys.serve import THREADS
from tests.servers.web import Web

SERVER_CORE, LOAD_CORE = 0, 1
AGAIN = ", again"
CLOSELY = "json, closely"
EACH, LAST = f"{MANY} routes, each in turn", f"{MANY} routes, the last"
Cells = dict[tuple[str, str], Cell]


@dataclass(frozen=True)
class Plan:
    """How long it takes. ``calls`` is for each subject of `overhead`; ``loads`` are the routes asked.

    At saturation turns are short and many: a machine's pace changes from second to second, and a ratio of two turns
    side by side is spoiled by it far less often than one of two long rounds. Close calls have ``close`` times as many:
    JSON once more, with those alone whom the verdict is about, and the last of many. One route, of which a difference
    of 3 % is promised, has ``closest`` times as many. Constant load has few rounds and longer ones, for the tail of its
    latencies.
    """

    turns: int = 15
    turn_seconds: float = 0.4
    close: int = 4
    closest: int = 16
    rounds: int = 5
    seconds: float = 1.5
    warm_up: float = 0.15
    calls: int = 14_000
    loads: tuple[str, ...] = tuple(REQUESTS)
    connections: int = THREADS + 1
    offered_connections: int = 64


@dataclass(frozen=True)
class Report:
    """Everything that was found. The first of `overheads` is the one in the middle."""

    cells: Cells
    overheads: tuple[Overhead, ...]
    opinion: Ratio | None
    verdicts: tuple[Verdict, ...]
    doubts: tuple[str, ...]
    skipped: tuple[str, ...]


def main(plan: Plan = Plan(), results: Path = RESULTS) -> int:  # frozen
    """Measures, prints, keeps the raw figures. Returns the exit code: 0 even where a promise is not kept."""
    console = Console()
    if len(os.sched_getaffinity(0)) < 2:
        console.print("Two cores are needed: one for the server, one for the load.")
        return 1
    try:
        report = measure(plan, console)
    except LoadFailed as trouble:
        console.print(str(trouble))
        return 1
    for table in tables(report):
        console.print(table)
    if (one := report.opinion) is not None:
        console.print(
            f"{one.ours} found {one.median:.2f}× of what {one.control} found ({one.least:.2f} to {one.most:.2f})"
        )
    for sentence in (*report.skipped, *report.doubts):
        console.print(f"[yellow]{sentence}[/yellow]")
    console.print(f"Raw figures: {_keep(report, plan, results)}")
    return 0


def measure(plan: Plan, console: Console) -> Report:
    """Runs the whole plan. Raises `LoadFailed`."""
    load_before = os.getloadavg()[0]
    missing = [one for one in ALL_ROUTES if not one.is_installed]
    chosen = [one for one in (*ALL_ROUTES, *ONE_ROUTE, *MANY_ROUTES) if one.is_installed]
    cells: Cells = {}
    with tempfile.TemporaryDirectory() as folder:
        console.print(f"Starting {len(chosen)} servers …")
        with contenders.contenders_running(chosen, Path(folder), SERVER_CORE) as servers:
            run = Runner(plan, servers, console)
            for load in plan.loads:
                cells |= run.saturate(load, ALL_ROUTES, REQUESTS[load], again=load == "json")
            cells |= run.saturate(CLOSELY, JUDGED, REQUESTS["json"], times=plan.close)
            cells |= run.saturate("one route", ONE_ROUTE, REQUESTS["json"], times=plan.closest)
            cells |= run.saturate(EACH, MANY_ROUTES, NOUNS)
            cells |= run.saturate(LAST, MANY_ROUTES, NOUNS[-1:], times=plan.close)
            cells |= run.offer("json", ALL_ROUTES, half_of_control(cells))
            opinion = run.ask_wrk(contenders.BARE_RECORD, "/json")
    console.print("In process: the bridge …")
    overheads = measure_overheads(plan.calls, SERVER_CORE)
    drift = ratio(cells, "json", contenders.GUNICORN.name + AGAIN, [contenders.GUNICORN.name])
    return Report(
        cells,
        overheads,
        opinion,
        verdicts(cells, overheads[0], plan),
        tuple(doubts(cells, drift, opinion, load_before)),
        tuple(f"{one.name} was skipped: {one.needs} is not installed." for one in missing),
    )


class Runner:
    """Asks running contenders, round by round, the order reversed in every other round."""

    def __init__(self, plan: Plan, servers: dict[str, Web], console: Console) -> None:
        self._plan = plan
        self._servers = servers
        self._console = console

    def saturate(
        self,
        name: str,
        among: tuple[Contender, ...],
        requests: tuple[bytes, ...],
        *,
        again: bool = False,
        times: int = 1,
    ) -> Cells:
        """As fast as they answer. ``again``: gunicorn takes part twice, so that the noise can be told."""
        self._console.print(f"Saturation: {name} …")
        names = [one.name for one in among if one.name in self._servers]
        names += [contenders.GUNICORN.name + AGAIN] * again
        plan = self._plan
        return self._rounds(name, names, plan.turns * times, Load(0, requests, plan.connections, plan.turn_seconds))

    def offer(self, name: str, among: tuple[Contender, ...], rate: float) -> Cells:
        """At a constant rate, the same for all, over more connections than threads."""
        self._console.print(f"Constant load: {rate:.0f} requests a second …")
        names = [one.name for one in among if one.name in self._servers]
        load = Load(0, REQUESTS[name], self._plan.offered_connections, self._plan.seconds, rate)
        return self._rounds(f"{name} at {rate:.0f}/s", names, self._plan.rounds, load)

    def ask_wrk(self, contender: Contender, path: str) -> Ratio | None:
        """Whether wrk finds what the generator finds."""
        self._console.print("A second opinion …")
        server, rounds = self._servers[contender.name], self._plan.rounds
        return second_opinion(server, path, rounds=rounds, core=LOAD_CORE, connections=self._plan.connections)

    def _rounds(self, title: str, names: list[str], rounds: int, load: Load) -> Cells:
        """``load`` at the port of each."""
        found: dict[str, list[tuple[Outcome, float]]] = {name: [] for name in names}
        for number in range(rounds):
            for name in names if number % 2 == 0 else reversed(names):
                server = self._servers[name.removesuffix(AGAIN)]
                port = int(server.base.rpartition(":")[2])
                found[name].append(self._one(replace(load, port=port, warm_up=self._plan.warm_up), server.pid))
        return {
            (title, name): Cell(title, name, tuple(one for one, _ in turns), tuple(busy for _, busy in turns))
            for name, turns in found.items()
        }

    def _one(self, load: Load, group: int) -> tuple[Outcome, float]:
        before = processor_seconds(group)
        outcome = generate(load, LOAD_CORE)
        used = processor_seconds(group) - before
        return outcome, min(1.0, used / (load.seconds + load.warm_up))


def half_of_control(cells: Cells) -> float:
    """A rate that every contender can serve: half of what the slower control manages, in tens."""
    slower = min(cells["json", one.name].rate for one in CONTROLS if ("json", one.name) in cells)
    return max(10.0, slower // 20 * 10)


def verdicts(cells: Cells, overhead: Overhead, plan: Plan) -> tuple[Verdict, ...]:
    """The first four rows of the targets."""
    controls = [one.name for one in CONTROLS]
    many = contenders.NOUNS_DOOR.name, [contenders.BARE_NOUNS.name]
    return (
        *(at_least(ratio(cells, load, contenders.LEGACY_DOOR.name, controls), 1.5) for load in (CLOSELY, *plan.loads)),
        at_least(ratio(cells, "one route", contenders.RECORD_DOOR.name, [contenders.BARE_RECORD.name]), 0.97),
        *(at_least(ratio(cells, load, *many), 3) for load in (EACH, LAST)),
        at_most("the bridge adds, p50", overhead.of_bridge, 120),
    )


def tables(report: Report) -> Iterator[Table]:
    """What is printed."""
    yield _saturation(report.cells)
    yield _latencies(report.cells)
    yield _costs(report.overheads[0])
    table = Table(title="Promised and found")
    for heading in ("", "found: median (rounds)", "target", ""):
        table.add_column(heading)
    for verdict in report.verdicts:
        kept = "kept" if verdict.holds else "NOT KEPT"
        table.add_row(verdict.promise, verdict.found, verdict.target, kept)
    yield table


def _saturation(cells: Cells) -> Table:
    loads = list(dict.fromkeys(load for load, _ in cells if not load.endswith("/s")))
    table = Table(title="Saturation: requests per second, one process on one core, medians")
    table.add_column("")
    for load in loads:
        table.add_column(load, justify="right")
    for name in dict.fromkeys(name for load, name in cells if load in loads):
        rates = [f"{cells[load, name].rate:,.0f}" if (load, name) in cells else "" for load in loads]
        table.add_row(name, *rates)
    return table


def _latencies(cells: Cells) -> Table:
    offered = [cell for cell in cells.values() if cell.load.endswith("/s")]
    table = Table(title=f"{offered[0].load}, constant: milliseconds from the intended start, medians of the rounds")
    table.add_column("")
    for heading in ("p50", "p90", "p99", "worst"):
        table.add_column(heading, justify="right")
    for cell in offered:
        figures = (median(getattr(one, name) for one in cell.rounds) for name in ("p50", "p90", "p99", "worst"))
        table.add_row(cell.contender, *(f"{figure:.2f}" for figure in figures))
    return table


def _costs(overhead: Overhead) -> Table:
    table = Table(title="In process, without sockets: microseconds, p50")
    table.add_column("")
    table.add_column("µs", justify="right")
    rows = {
        "the Flask application, called": overhead.bare,
        "… through the bridge": overhead.bridge,
        "… through a2wsgi": overhead.a2wsgi,
        "the FastAPI application, called": overhead.modern,
        "… through the front door": overhead.door,
    }
    for name, microseconds in rows.items():
        table.add_row(name, f"{microseconds:.1f}")
    return table


def _keep(report: Report, plan: Plan, folder: Path) -> Path:
    """Writes the raw figures. Returns the file."""
    document = {
        "plan": asdict(plan),
        "cells": [asdict(cell) for cell in report.cells.values()],
        "overhead_us": asdict(report.overheads[0]),
        "other_overheads_us": [asdict(one) for one in report.overheads[1:]],
        "generator_against_wrk": None if report.opinion is None else asdict(report.opinion),
        "verdicts": [asdict(verdict) for verdict in report.verdicts],
        "doubts": report.doubts,
        "skipped": report.skipped,
    }
    return keep("bridge", document, folder)


if __name__ == "__main__":
    sys.exit(main())
