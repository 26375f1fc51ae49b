"""What the mirror costs those whose requests it copies: `python -m benchmarks.shadow`, a minute and a half."""

import asyncio
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from os import getloadavg
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.contenders import Contender, contenders_running
from benchmarks.generator import Load, Outcome, generate, request
from benchmarks.overhead import through
from benchmarks.raw import RESULTS, keep
from benchmarks.toys.legacy import create_legacy
from benchmarks.toys.modern import create_modern
from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router
from router.mirror.limits import MirrorLimits, StrainRules

SERVER_CORE, LOAD_CORE = 0, 1
QUIET = 0.5
"""Load average of a machine that has nothing else to do."""
ROUNDS = 3
SECONDS = 2.0
CALLS = 2000
RATES = {"/json": 300.0, "/page": 150.0}
"""Requests per second, constant: about a fifth of what the legacy side manages on one core."""
CONNECTIONS = 32
_UVICORN = ("uvicorn", "--factory", "--port", "{port}", "--log-level", "warning", "--no-access-log")


def off() -> Router:
    """Every route at stage `legacy`."""
    return _door(None, MirrorLimits())


def usual() -> Router:
    """All requests are wanted, within the limits as they are shipped: 20 a second."""
    return _door(100.0, MirrorLimits())


def every() -> Router:
    """All requests are mirrored: no limit of the rate, and no pause when the machine is busy."""
    return _door(100.0, MirrorLimits(rate=1e9, queue=1000, answers=1000, strain=StrainRules(1e9, 1e9)))


SUBJECTS = {"off": off, "usual": usual, "every": every}


@dataclass(frozen=True)
class Calls:
    """In this process, in microseconds, one call at a time."""

    p50: float
    p99: float


@dataclass(frozen=True)
class Served:
    """One subject on one path, over sockets: every round's outcome, and what its mirror did."""

    subject: str
    path: str
    rounds: tuple[Outcome, ...]

    @property
    def p50(self) -> float:
        return median(one.p50 for one in self.rounds)

    @property
    def p99(self) -> float:
        return median(one.p99 for one in self.rounds)


def _door(mirror: float | None, limits: MirrorLimits) -> Router:
    store = MemoryStore()
    router = Router(create_legacy(), create_modern(), store, mirror=limits)
    if mirror is not None:
        changes = [Change(f"GET {path}", Stage.SHADOW, mirror=mirror) for path in RATES]
        store.apply(changes, actor="benchmark", reason="mirrored")
    return router


async def call_all(calls: int) -> dict[str, Calls]:
    """The JSON route of each subject, in turns of a hundred."""
    routers = {name: make() for name, make in SUBJECTS.items()}
    times: dict[str, list[float]] = {name: [] for name in routers}
    for router in routers.values():
        await asyncio.to_thread(router.refresh)
        if router.mirror is not None:
            await router.mirror.start()
    for turn in range(-1, calls // 100):
        for name, router in routers.items():
            once = through(router)
            for _ in range(100):
                started = time.perf_counter()
                await once()
                if turn >= 0:  # the first turn warms up
                    times[name].append(time.perf_counter() - started)
            await asyncio.sleep(0.05)  # its mirror ends before the next one's turn
    for router in routers.values():
        if router.mirror is not None:
            await router.mirror.stop()
        await router.legacy.close()
    return {name: _calls(found) for name, found in times.items()}


def _calls(seconds: list[float]) -> Calls:
    hundredths = quantiles(seconds, n=100, method="inclusive")
    return Calls(hundredths[49] * 1e6, hundredths[98] * 1e6)


def serve_all() -> list[Served]:
    """Each subject in a process of its own, asked at a constant rate, the order turned round in every other round."""
    contenders = [Contender(name, (*_UVICORN, f"benchmarks.shadow:{name}")) for name in SUBJECTS]
    found: dict[tuple[str, str], list[Outcome]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        contenders_running(contenders, Path(folder), SERVER_CORE) as servers,
    ):
        for number in range(ROUNDS):
            names = list(SUBJECTS) if number % 2 == 0 else list(reversed(SUBJECTS))
            for path, rate in RATES.items():
                for name in names:
                    port = int(servers[name].base.rpartition(":")[2])
                    load = Load(port, (request("GET", path),), CONNECTIONS, SECONDS, rate)
                    found.setdefault((name, path), []).append(generate(load, LOAD_CORE))
    return [Served(name, path, tuple(rounds)) for (name, path), rounds in found.items()]


def main() -> int:
    """Prints two tables, keeps the raw figures. Returns the exit code."""
    console = Console()
    others = getloadavg()[0]
    if others > QUIET:
        console.print(f"The machine is not quiet (load {others:.1f}): these figures should not be believed.")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        called = runner.run(call_all(CALLS))
    served = serve_all()
    console.print(_called(called), _served(served))
    told: dict[str, Any] = {
        "others": others,
        "called": {name: asdict(one) for name, one in called.items()},
        "served": [asdict(one) for one in served],
    }
    file = keep("shadow", told, RESULTS)
    console.print(f"Raw figures: {file.name}")
    return 0


def _called(called: dict[str, Calls]) -> Table:
    table = Table("mirror", "p50 µs", "p99 µs", title="GET /json at legacy, called in this process")
    for name, one in called.items():
        table.add_row(name, f"{one.p50:.0f}", f"{one.p99:.0f}")
    return table


def _served(served: list[Served]) -> Table:
    table = Table("path", "mirror", "p50 ms", "p99 ms", "p99 of rounds", title="Over sockets, at a constant rate")
    for one in sorted(served, key=lambda each: each.path):
        rounds = " ".join(f"{each.p99:.2f}" for each in one.rounds)
        table.add_row(one.path, one.subject, f"{one.p50:.2f}", f"{one.p99:.2f}", rounds)
    return table


if __name__ == "__main__":
    sys.exit(main())
