"""Four worker processes share one store: a change reaches each, and the store's death none.

How soon it reaches them is measured by `benchmarks.propagation`.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from migration_flags import Change, Stage
from migration_flags.stores.sql import SQLStore
from tests.router.serving import fetch, wait
from tests.router.toys import KEYS
from tests.servers.mariadb import MariaDB, start_mariadb

WORKERS = 4
REACHED = 10.0
"""Seconds of patience with a busy machine."""
ROOT = Path(__file__).parents[2]


@contextmanager
def workers(url: str, log: Path) -> Iterator[int]:
    """Four uvicorn workers over one store, on a free port; all of them ended at the end."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "tests.router.toys:create_router", "--port", "0"]
    command += ["--workers", str(WORKERS), "--timeout-graceful-shutdown", "2", "--no-access-log"]
    environment = {**os.environ, "TOY_STORE": url}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output) as process,
    ):
        try:
            wait(lambda: log.read_text().count("Application startup complete") == WORKERS, within=60)
            found = re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text())
            assert found is not None
            yield int(found[1])
        finally:
            process.terminate()
            process.wait(20)


def sides(port: int) -> dict[int, str]:
    """Who answers now in each worker that one look met. A new connection meets any of them."""
    found: dict[int, str] = {}
    for _ in range(40):
        status, headers, body = fetch(port, "/api/pid")
        assert status == 200
        found[int(json.loads(body)["pid"])] = headers["x-served-by"]
    return found


def move(store: SQLStore, stage: Stage) -> None:
    store.apply([Change(key, stage) for key in KEYS], actor="test", reason="test")


def all_served_by(port: int, side: str, within: float) -> None:
    """Every answer to forty new connections comes from ``side``, ``within`` seconds from now on."""
    deadline = time.monotonic() + within
    streak = 0
    while streak < 40:
        status, headers, _ = fetch(port, "/api/two")
        assert status == 200
        if headers["x-served-by"] == side:
            streak += 1
        else:
            assert time.monotonic() < deadline, f"A worker does not answer with {side} after {within} s."
            streak = 0


def flips_reach_every_worker(url: str, log: Path) -> None:
    store = SQLStore(url)
    with workers(url, log) as port:
        assert len(sides(port)) >= 2
        for number in range(4):
            stage = (Stage.MODERN, Stage.LEGACY)[number % 2]
            move(store, stage)
            all_served_by(port, stage.value, within=REACHED)
    store.close()


def test_a_change_reaches_four_workers_on_sqlite(tmp_path: Path) -> None:
    flips_reach_every_worker(f"sqlite:///{tmp_path / 'flags.db'}", tmp_path / "log")


@pytest.mark.mariadb
@pytest.mark.long  # SQLite says the same sooner
def test_a_change_reaches_four_workers_on_mariadb(mariadb: MariaDB, tmp_path: Path) -> None:
    flips_reach_every_worker(mariadb.create_database("workers"), tmp_path / "log")


@pytest.mark.mariadb
def test_the_death_of_the_stores_database_stops_nobody(tmp_path: Path) -> None:
    with start_mariadb(tmp_path / "db") as server:
        server.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
        url = server.create_database("flags")
        store = SQLStore(url)
        with workers(url, tmp_path / "log") as port:
            move(store, Stage.MODERN)
            all_served_by(port, "modern", within=REACHED)
            server.kill()
            store.close()
            all_served_by(port, "modern", within=0)
            with start_mariadb(tmp_path / "db", port=server.port):
                wait(lambda: _moved(store, Stage.LEGACY))
                all_served_by(port, "legacy", within=5.0)
                store.close()


def _moved(store: SQLStore, stage: Stage) -> bool:
    move(store, stage)
    return True
