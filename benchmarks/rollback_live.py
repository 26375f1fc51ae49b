"""The same on live processes: load on a route that both sides share, until its flag says that it went back.

`python -m benchmarks.rollback_live` does it for two points of the simulation, with two workers over one SQLite file.
"""

import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from benchmarks.generator import Load, Outcome, generate, request
from benchmarks.load import LoadFailed
from benchmarks.raw import RESULTS, keep
from migration_flags import Change, Flag, Stage
from migration_flags.stores.sql import SQLStore
from router import Route, Router
from router.types import Receive, Scope, Send
from tests.servers.web import free_port, running

KEY = "GET /item"
POINTS = ((100.0, 0.5, 15.0), (100.0, 0.1, 60.0))
"""Requests a second, the share of modern's answers that are faults, and for how many seconds it is looked."""

RUNS = 3
WORKERS = 2
FLAGS, ERRORS = "ROLLBACK_LIVE_FLAGS", "ROLLBACK_LIVE_ERRORS"
VISITORS = 1000
CONNECTIONS = 32
LOOK_EVERY = 0.02


def visitors(path: str, number: int = VISITORS) -> tuple[bytes, ...]:
    """One GET of each visitor: known by what they send as Authorization, so the router needs its ``secret``."""
    return tuple(request("GET", path, headers={"Authorization": f"Bearer visitor-{n}"}) for n in range(number))


def drive(base: str, path: str, rate: float, seconds: float, core: int) -> Outcome:
    """Constant load. Raises `LoadFailed` where an answer was not a 200: faults of modern must fall back to legacy."""
    port = urlsplit(base).port
    if port is None:
        raise LoadFailed(f"{base} names no port")
    return generate(Load(port, visitors(path), CONNECTIONS, seconds, rate, warm_up=0.0), core)


def seconds_to_roll_back(
    base: str, path: str, flag: Callable[[], Flag | None], *, rate: float, within: float = 60.0, core: int = 1
) -> float | None:
    """Seconds from the first request until the stored flag of the route has a latch. None: not ``within`` seconds.

    ``flag`` reads it from the store. The load goes on for the whole time. Raises `LoadFailed`.
    """
    failures: list[LoadFailed] = []
    load = threading.Thread(target=_drive, args=(failures, base, path, rate, within, core))
    began = time.monotonic()
    load.start()
    found = None
    while found is None and load.is_alive():
        time.sleep(LOOK_EVERY)
        present = flag()
        if present is not None and present.latch is not None:
            found = time.monotonic() - began
    load.join()
    if failures:
        raise failures[0]
    return found


def _drive(failures: list[LoadFailed], base: str, path: str, rate: float, seconds: float, core: int) -> None:
    try:
        drive(base, path, rate, seconds, core)
    except LoadFailed as failure:
        failures.append(failure)


def door() -> Router:
    """Two toys that answer alike, but that modern fails as often as the environment says."""
    errors, chance = float(os.environ[ERRORS]), random.Random(os.getpid())

    def legacy(_environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
        return [b"item"]

    async def modern(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and chance.random() < errors:
            raise RuntimeError("modern is broken")
        start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}
        await send(start)
        await send({"type": "http.response.body", "body": b"item"})

    return Router(legacy, modern, SQLStore(os.environ[FLAGS]), routes=[Route(KEY)], secret="a secret of the benchmark")


def measure(rate: float, errors: float, within: float) -> float | None:
    """One run: a fresh store and fresh workers. Seconds, or None."""
    with tempfile.TemporaryDirectory() as folder:
        url, port = f"sqlite:///{folder}/flags.db", free_port()
        store = SQLStore(url)
        store.apply([Change(KEY, Stage.CANARY, 5.0)], actor="benchmark", reason="five per cent")
        argv = [sys.executable, "-m", "uvicorn", "--factory", "benchmarks.rollback_live:door", "--port", str(port)]
        argv += ["--workers", str(WORKERS), "--log-level", "warning", "--no-access-log"]
        environment = {FLAGS: url, ERRORS: str(errors)}
        with running(argv, port, environment, Path(folder), ready="/item") as web:
            found = seconds_to_roll_back(
                web.base, "/item", lambda: store.snapshot().get(KEY), rate=rate, within=within, core=0
            )
        store.close()
    return found


def main(results: Path = RESULTS) -> None:
    """Measures, prints, keeps the raw figures."""
    others = os.getloadavg()[0]
    points = []
    for rate, errors, within in POINTS:
        runs = [measure(rate, errors, within) for _ in range(RUNS)]
        waits = [float("inf") if one is None else one for one in runs]
        found = f"median {median(waits):.1f} s, worst {max(waits):.1f} s"
        print(f"{rate:g}/s, {errors:.0%} errors, {WORKERS} workers: {found}", flush=True)
        points.append({"rate": rate, "errors": errors, "within": within, "seconds": runs})
    file = keep("rollback-live", {"others": others, "workers": WORKERS, "points": points}, results)
    print(f"Load average before the start: {others:.1f}. Raw figures: {file.name}")


if __name__ == "__main__":
    main()
