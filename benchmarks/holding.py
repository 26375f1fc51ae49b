"""How long a server takes to its first answer, and how much memory it holds: at rest, after work, per unit of work."""

import select
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.generator import Load, generate, request
from benchmarks.load import LoadFailed
from benchmarks.mixes import PRODUCT, Contender
from benchmarks.processor import members
from benchmarks.scenario import Run, size_of
from benchmarks.servers import Environments, server, slow_site
from benchmarks.site import Place, libraries

_ANSWER_WITHIN = 30.0
_LOOK_EVERY = 0.05


def started(run: Run) -> Iterator[dict[str, Any]]:
    """Seconds from the start of the process to the first answer, and memory at rest and after a saturation."""
    mixes = run.mixes
    chosen = mixes.chosen()
    place = Place("sqlite", size_of("fixture", run))
    with (
        tempfile.TemporaryDirectory() as folder,
        libraries(place, mixes.plan, run.shelf, Path(folder)) as told,
    ):

        def take(one: Contender) -> dict[str, float]:
            return _start(one, told, run, Path(folder))

        found = _rounds(chosen, take, run)
    for name, rounds in found.items():
        yield {"contender": name, "rounds": rounds}


def held(run: Run) -> Iterator[dict[str, Any]]:
    """Memory before and while so many requests wait for the slow site at the same time."""
    mixes, wanted = run.mixes, run.mixes.holding
    units, milliseconds = (20, 500.0) if run.smallest else (wanted.units, wanted.milliseconds)
    plan = replace(mixes.plan, threads=units)
    # The bridge's pool is bounded by design: it queues what gunicorn would hold.
    chosen = [one for one in mixes.chosen() if one.stage != "legacy"]
    with tempfile.TemporaryDirectory() as folder, slow_site(milliseconds, plan.load_core) as outside:

        def take(one: Contender) -> dict[str, float]:
            told: Environments = {one.stage: {"TOY_OUTSIDE": outside, "TOY_STAGE": one.stage or "legacy"}}
            with server(one, mixes.applications["waiting"], told, plan, Path(folder)) as web:
                return _hold(web.base, web.pid, units)

        found = _rounds(chosen, take, run)
    for name, rounds in found.items():
        yield {"contender": name, "units": units, "rounds": rounds}


def _rounds(
    chosen: Sequence[Contender], take: Callable[[Contender], dict[str, float]], run: Run
) -> dict[str, list[dict[str, float]]]:
    """By contender what was taken in each round, the order reversed in every other one."""
    found: dict[str, list[dict[str, float]]] = {one.name: [] for one in chosen}
    for number in range(run.timing.rounds):
        run.quiet.look()
        for one in chosen if number % 2 == 0 else reversed(chosen):
            found[one.name].append(take(one))
    return found


def _start(one: Contender, told: Mapping[str, Mapping[str, str]], run: Run, folder: Path) -> dict[str, float]:
    began = time.perf_counter()
    with ExitStack() as around:
        web = around.enter_context(server(one, run.mixes.applications[PRODUCT], told, run.mixes.plan, folder))
        seconds = time.perf_counter() - began
        rest = memory(web.pid)
        port = int(web.base.rpartition(":")[2])
        load = Load(port, (request("GET", "/api/videos/?limit=50"),), 32, run.timing.seconds, None, run.timing.warm_up)
        generate(load, run.mixes.plan.load_core)
        return {"seconds": seconds, "rest_mib": rest, "worked_mib": memory(web.pid)}


def _hold(base: str, group: int, units: int) -> dict[str, float]:
    port = int(base.rpartition(":")[2])
    _ask(port, 1, group)  # what the first request imports and opens is no unit's
    before = memory(group)
    most = _ask(port, units, group)
    return {"rest_mib": before, "held_mib": most, "kib_per_unit": (most - before) * 1024 / units}


def _ask(port: int, units: int, group: int) -> float:
    """The most memory until the first answer comes, in MiB. Reads all answers. Raises `LoadFailed`."""
    with ExitStack() as open_sockets:
        clients = []
        for _ in range(units):
            client = open_sockets.enter_context(socket.create_connection(("127.0.0.1", port), _ANSWER_WITHIN))
            client.sendall(request("GET", "/outside", headers={"Connection": "close"}))
            clients.append(client)
        most = memory(group)
        while not select.select(clients, [], [], _LOOK_EVERY)[0]:
            most = max(most, memory(group))
        for client in clients:
            if not client.recv(65_536).startswith(b"HTTP/1.1 200"):
                raise LoadFailed("a request that was held was not answered with 200")
        return most


def memory(group: int) -> float:
    """MiB that the processes of a group hold, what they share counted once."""
    return sum(map(_shares, members(group))) / 1024


def _shares(folder: Path) -> int:
    try:
        lines = (folder / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
