"""`python -m benchmarks.large`: a library of 100,000 videos, its pages and lists at a steady ten requests a second.

Every request finds what is kept in memory as a visitor would: now and then a row changes, and it is made anew.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

import httpx2
from rich.console import Console
from rich.table import Table

from benchmarks.library import fill
from benchmarks.raw import RESULTS, keep
from benchmarks.sides import environment as told
from benchmarks.sides import move_all
from fastapi_app.config import Config
from migration_flags import Stage
from tests.servers.mariadb import DEFAULT_BUFFERS, start_mariadb
from tests.servers.web import serving

ARTISTS, VIDEOS = 5_000, 100_000
RATE = 10
SECONDS = 60
LIMIT_MILLISECONDS = 200
CHANGE_EVERY = 50
"""Requests, until a video and an artist change: then nothing that was kept is good any more."""
PATHS = (
    "/",
    "/videos",
    "/videos?page=1500&per_page=48",
    "/videos?sort=artist&page=700",
    "/videos?sort=year&page=700",
    "/videos?sort=newest&status=WANTED&page=300",
    "/videos?q=river",
    "/video/77777",
    "/artists",
    "/artists?sort=videos&page=20",
    "/artist/1234",
    "/wanted",
    "/wanted?lack=failed",
    "/search?q=river",
    "/playlists",
    "/mvtv",
    "/downloads",
    "/deleted",
    "/system",
    "/api/artists/search/filters",
    "/api/genres",
    "/api/videos/?limit=50",
    "/api/videos/?limit=50&offset=90000&sort=created_at&order=desc",
    "/api/videos/?limit=50&sort=artist_name",
    "/api/artists/?per_page=50&page=40",
    "/api/artists/?search=agren&per_page=50",
    "/api/videos/search?q=river",
    "/api/videos/search?q=Song%2001234",
    "/api/videos/search?q=agata&status=WANTED&year=1999",
    "/api/artists/search/advanced?search=Artist%2012&sort=video_count&order=desc",
    "/api/artists/search/suggestions?q=art",
)


@dataclass(frozen=True)
class Answered:
    """Milliseconds per answer by path, from the moment each was due; resident memory before and after, in MiB."""

    database: str
    milliseconds: dict[str, list[float]]
    memory_before: float
    memory_after: float

    def p95(self, path: str | None = None) -> float:
        chosen = self.milliseconds.values() if path is None else [self.milliseconds[path]]
        return quantiles([value for values in chosen for value in values], n=20)[-1]


def main() -> int:
    """Measures both databases, prints a table, keeps the raw figures. Returns 1 where the limit was not held."""
    console = Console()
    found: list[Answered] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, config in _libraries(Path(folder)):
            console.print(f"[bold]{name}[/bold]: {VIDEOS:,} videos and {ARTISTS:,} artists …")
            fill(config, ARTISTS, VIDEOS)
            move_all(config, Stage.MODERN)
            with serving("legacy_flask.asgi:app", told(config), Path(folder)) as web:
                found.append(asyncio.run(_measured(name, web.base, web.pid)))
    console.print(_table(found))
    console.print(f"Raw figures: {_keep(found)}")
    return int(any(one.p95() > LIMIT_MILLISECONDS for one in found))


def _libraries(folder: Path) -> Iterator[tuple[str, Config]]:
    secret = "a-key-for-measuring-and-nothing-else"
    data = folder / "sqlite"
    yield "SQLite", Config(data_dir=data, database_url=f"sqlite:///{data / 'mvidarr.db'}", secret_key=secret)
    with start_mariadb(folder / "mariadb", buffers=DEFAULT_BUFFERS) as server:
        yield "MariaDB", Config(data_dir=folder / "data", database_url=server.create_database("l"), secret_key=secret)


async def _measured(name: str, base: str, pid: int) -> Answered:
    milliseconds: dict[str, list[float]] = {path: [] for path in PATHS}
    async with httpx2.AsyncClient(base_url=base, timeout=60) as http:
        for path in PATHS:
            (await http.get(path)).raise_for_status()
        before = _resident(pid)
        began = time.perf_counter()
        async with asyncio.TaskGroup() as asking:
            for number in range(RATE * SECONDS):
                due = began + number / RATE
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                if number % CHANGE_EVERY == 0:
                    asking.create_task(_change(http, number))
                asking.create_task(_ask(http, PATHS[number % len(PATHS)], due, milliseconds))
        return Answered(name, milliseconds, before, _resident(pid))


async def _change(http: httpx2.AsyncClient, number: int) -> None:
    turn = number // CHANGE_EVERY % 2
    video = {"year": 1900 + number % 100, "status": ("WANTED", "FAILED")[turn]}
    (await http.put("/api/videos/1", json=video)).raise_for_status()
    (await http.put("/api/genres/videos/1", json={"genres": [("Rock", "Folk")[turn]]})).raise_for_status()
    (await http.put("/api/artists/1", json={"monitored": bool(number % 2)})).raise_for_status()


async def _ask(http: httpx2.AsyncClient, path: str, due: float, milliseconds: dict[str, list[float]]) -> None:
    (await http.get(path)).raise_for_status()
    milliseconds[path].append((time.perf_counter() - due) * 1000)


def _resident(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _table(found: list[Answered]) -> Table:
    table = Table(title=f"p95 in milliseconds at {RATE} requests a second, modern side, {SECONDS} s each")
    table.add_column("request")
    for one in found:
        table.add_column(one.database, justify="right")
    for path in PATHS:
        table.add_row(path, *(f"{one.p95(path):,.0f}" for one in found))
    table.add_row("all of them", *(f"{one.p95():,.0f}" for one in found))
    table.add_row("memory, MiB", *(f"{one.memory_before:,.0f} → {one.memory_after:,.0f}" for one in found))
    return table


def _keep(found: list[Answered]) -> Path:
    return keep("large", {"rate": RATE, "answers": [asdict(one) for one in found]}, RESULTS)


if __name__ == "__main__":
    sys.exit(main())
