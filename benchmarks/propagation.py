"""How soon a change of a flag is answered by in every worker: `python -m benchmarks.propagation`, about five minutes.

For each kind of store: four workers on one host, and two nodes with two workers each; without other requests, and
under a constant load. A change counts from before it is written until the last worker's first answer by it.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

from rich.console import Console
from rich.table import Table

from benchmarks.generator import Load, Outcome, generate, request
from benchmarks.load import LoadFailed
from benchmarks.raw import RESULTS, keep
from migration_flags import Change, FlagStore, Stage
from migration_flags.stores.address import store_at
from tests.hybrid.fleet_toy import FACTORY, KEY, PATH
from tests.servers.flag_stores import KINDS, address_of
from tests.servers.fleet import Line, fleet, seconds_until_all

LAYOUTS: dict[str, tuple[tuple[int, ...], float]] = {
    "4 workers, one host": ((4,), 1.0),
    "2 nodes of 2 workers": ((2, 2), 5.0),
}
"""Workers of each node, and the seconds that 99 of 100 changes may take. Both nodes are on this machine."""

RATE, CONNECTIONS, LOAD_CORE = 200.0, 16, 1
"""Requests a second of the load, over all nodes, and on so many connections to each."""
GIVE_UP = 30.0
PAUSE = 0.25
"""Seconds, at most, between two changes: as long as a worker takes between two looks."""


@dataclass(frozen=True)
class Cell:
    """``seconds``: for each change, until the last worker answered by it. ``load``: of each node, in requests."""

    store: str
    layout: str
    loaded: bool
    target: float
    seconds: tuple[float, ...]
    load: tuple[Outcome, ...]

    def percentile(self, percent: int) -> float:
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


def changes_arrive(store: FlagStore, lines: Sequence[Line], number: int) -> Iterator[float]:
    """So many changes, one after the other; for each the seconds until the last worker answered by it.

    The pauses are drawn: a change that follows at once would always meet the worker that has just looked.
    """
    chance = random.Random(7)
    for turn in range(number):
        time.sleep(chance.uniform(0.0, PAUSE))
        stage = (Stage.MODERN, Stage.LEGACY)[turn % 2]
        began = time.monotonic()
        store.apply([Change(KEY, stage)], actor="benchmark", reason="back and forth")
        yield max(seconds_until_all(lines, PATH, stage.value, began, GIVE_UP).values())


@contextmanager
def loaded(ports: Sequence[int], seconds: float, found: list[Outcome]) -> Iterator[threading.Event]:
    """Constant load on every node. The event is set when it is over."""
    over = threading.Event()

    def drive(port: int) -> None:
        try:
            load = Load(port, (request("GET", PATH),), CONNECTIONS, seconds, RATE / len(ports))
            found.append(generate(load, LOAD_CORE))
        finally:
            over.set()

    threads = [threading.Thread(target=drive, args=(port,)) for port in ports]
    for thread in threads:
        thread.start()
    try:
        yield over
    finally:
        for thread in threads:
            thread.join()


def measure(kind: str, layout: str, number: int) -> list[Cell]:
    """Both cells of one store and layout: idle, then loaded. Raises `LoadFailed`."""
    nodes, target = LAYOUTS[layout]
    with (
        tempfile.TemporaryDirectory() as name,
        address_of(kind, Path(name)) as address,
        fleet(FACTORY, nodes, {"TOY_STORE": address}, Path(name)) as lines,
    ):
        store = store_at(address)
        idle = tuple(changes_arrive(store, lines, number))
        outcomes: list[Outcome] = []
        ports = sorted({line.port for line in lines})
        with loaded(ports, max(5.0, 1.5 * (sum(idle) + number * PAUSE / 2)), outcomes) as over:
            busy = []
            for seconds in changes_arrive(store, lines, number):
                if over.is_set():
                    break
                busy.append(seconds)
        store.close()
    if len(outcomes) < len(ports) or len(busy) < 2:
        raise LoadFailed(f"{kind}, {layout}: some requests of the load were not answered with 200")
    return [
        Cell(kind, layout, False, target, idle, ()),
        Cell(kind, layout, True, target, tuple(busy), tuple(outcomes)),
    ]


def main(arguments: Sequence[str] | None = None, results: Path = RESULTS) -> int:
    """Measures, prints, keeps the raw figures. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.propagation")
    parser.add_argument("--changes", type=int, default=30, help="of each store, layout and load")
    parser.add_argument("--stores", nargs="+", choices=KINDS, default=list(KINDS))
    told = parser.parse_args(arguments)
    console, others = Console(), os.getloadavg()[0]
    cells: list[Cell] = []
    for kind in told.stores:
        for layout in LAYOUTS:
            console.print(f"{kind}, {layout} …")
            cells += measure(kind, layout, told.changes)
    console.print(table(cells))
    console.print(f"Load average before the start: {others:.1f} on {os.cpu_count()} cores.")
    file = keep("propagation", {"others": others, "rate": RATE, "cells": [asdict(cell) for cell in cells]}, results)
    console.print(f"Raw figures: {file.name}")
    return 0


def table(cells: Sequence[Cell]) -> Table:
    found = Table("store", "workers", "load", "changes", "p50 ms", "p99 ms", "worst ms", "target p99")
    for cell in cells:
        figures = [cell.percentile(50), cell.percentile(99), max(cell.seconds)]
        kept = "kept" if figures[1] <= cell.target else "MISSED"
        found.add_row(
            *(cell.store, cell.layout, f"{RATE:g}/s" if cell.loaded else "none", str(len(cell.seconds))),
            *(f"{1000 * figure:.0f}" for figure in figures),
            f"{cell.target:g} s, {kept}",
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
