"""`make bench-quick`: five numbers per route, on SQLite and on MariaDB, in under two minutes."""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.table import Table

from benchmarks.library import fill
from benchmarks.load import CONNECTIONS, LoadFailed, LoadGeneratorMissing, Measurement, measure, warm_up
from benchmarks.queries import queries
from benchmarks.raw import RESULTS, keep
from benchmarks.sides import NAMES, Side, five_sides
from fastapi_app.config import Config
from migration_flags import Stage
from tests.servers.mariadb import DEFAULT_BUFFERS, start_mariadb

ROUTES = {
    "list": "/api/videos/?limit=50",
    "one row": "/api/videos/97",
    "settings": "/api/settings/",
    "static": "/static/mvidarr.css",
}
SECONDS = 1
ROUNDS = 2
SERVER_CORE, LOAD_CORE = 0, 1


@dataclass(frozen=True)
class Cell:
    """One route on one side over one database: every round's measurement."""

    database: str
    route: str
    side: str
    rounds: tuple[Measurement, ...]

    @property
    def rate(self) -> float:
        return mean(measurement.requests_per_second for measurement in self.rounds)


def main() -> int:
    """Runs everything, prints a table per database, keeps the raw figures. Returns the exit code."""
    console = Console()
    if len(os.sched_getaffinity(0)) < 2:
        console.print("Two cores are needed: one for the server, one for the load.")
        return 1
    cells: list[Cell] = []
    counts: dict[str, dict[str, dict[str, int]]] = {}
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, legacy, modern in _libraries(Path(folder)):
                console.print(f"[bold]{name}[/bold]: filling two equal libraries, starting five servers …")
                fill(legacy)
                fill(modern)
                counts[name] = _counts(legacy, modern)
                with five_sides(legacy, modern, Path(folder), SERVER_CORE) as sides:
                    cells += _measured(name, sides)
                console.print(_table(name, cells, counts[name]))
    except (LoadGeneratorMissing, LoadFailed) as trouble:
        console.print(str(trouble))
        return 1
    console.print(f"Raw figures: {_keep(cells, counts)}")
    return 0


def _libraries(folder: Path) -> Iterator[tuple[str, Config, Config]]:
    """Per database: its name, and two empty libraries in it."""
    legacy, modern = folder / "legacy", folder / "modern"
    yield (
        "SQLite",
        _config(legacy, f"sqlite:///{legacy / 'mvidarr.db'}"),
        _config(modern, f"sqlite:///{modern / 'mvidarr.db'}"),
    )
    with start_mariadb(folder / "mariadb", buffers=DEFAULT_BUFFERS) as server:
        urls = server.create_database("bench_legacy"), server.create_database("bench_modern")
        yield "MariaDB", _config(legacy, urls[0]), _config(modern, urls[1])


def _config(data_dir: Path, url: str) -> Config:
    return Config(data_dir=data_dir, database_url=url, secret_key="a-key-for-measuring-and-nothing-else")


def _counts(legacy: Config, modern: Config) -> dict[str, dict[str, int]]:
    paths = tuple(ROUTES.values())
    return {
        "legacy": queries(legacy, Stage.LEGACY, paths),
        "modern": queries(modern, Stage.MODERN, paths),
    }


def _measured(database: str, sides: tuple[Side, ...]) -> Iterator[Cell]:
    """Every route on every side, the order of the sides reversed in every other round."""
    for route, path in ROUTES.items():
        found: dict[str, list[Measurement]] = {side.name: [] for side in sides}
        for number in range(ROUNDS):
            for side in sides if number % 2 == 0 else reversed(sides):
                warm_up(side.base + path)
                found[side.name].append(measure(side.base + path, seconds=SECONDS, core=LOAD_CORE))
        for side in sides:
            yield Cell(database, route, side.name, tuple(found[side.name]))


def _table(database: str, cells: list[Cell], counts: dict[str, dict[str, int]]) -> Table:
    table = Table(title=f"{database}: requests per second, one process on one core, {CONNECTIONS} connections")
    table.add_column("route")
    for name in NAMES:
        table.add_column(name, justify="right")
    for heading in ("modern / legacy", "queries legacy", "queries modern"):
        table.add_column(heading, justify="right")
    rates = {(cell.route, cell.side): cell.rate for cell in cells if cell.database == database}
    for route, path in ROUTES.items():
        ratio = rates[route, "front door, modern"] / max(rates[route, "bare WSGI"], rates[route, "front door, legacy"])
        table.add_row(
            route,
            *(f"{rates[route, name]:,.0f}" for name in NAMES),
            f"{ratio:.1f}×",
            *(str(counts[side][path]) for side in ("legacy", "modern")),
        )
    return table


def _keep(cells: list[Cell], counts: dict[str, dict[str, dict[str, int]]]) -> Path:
    report = {
        "connections": CONNECTIONS,
        "cells": [asdict(cell) for cell in cells],
        "queries_per_request": counts,
    }
    return keep("quick", report, RESULTS)


if __name__ == "__main__":
    sys.exit(main())
