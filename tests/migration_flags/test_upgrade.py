"""Tables that version 1 made are brought up to date in place: by several workers at once, and after a kill -9."""

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from migration_flags import Change, Evidence, Stage, Worker, first_broken_link
from migration_flags.audit import AuditRow, sealed
from migration_flags.stores.engine import create_store_engine
from migration_flags.stores.sql import SQLStore
from migration_flags.stores.tables import ADDED, SCHEMA_VERSION, metadata

VECTORS = Path(__file__).parent / "vectors"
STEPS = len(metadata.tables) + len(ADDED) + 1
OLD_COLUMNS = (
    "sequence, at, actor, reason, route, before_stage, before_percent, after_stage, after_percent, epoch, gated, "
    "previous_hash, hash"
)

DIES = """
import os, signal, sys
from migration_flags.stores import schema
from migration_flags.stores.sql import SQLStore

left = int(sys.argv[2])

def dying(step):
    def before(*args, **kwargs):
        global left
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return step(*args, **kwargs)
    return before

for name in ("CreateTable", "_add", "update"):
    setattr(schema, name, dying(getattr(schema, name)))
SQLStore(sys.argv[1]).epoch()
"""


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database as version 1 left it: three flags, seven rows of audit, epoch 4."""
    if request.param == "sqlite":
        with closing(sqlite3.connect(tmp_path / "flags.db")) as connection:
            connection.executescript((VECTORS / "schema_1_sqlite.sql").read_text())
        yield f"sqlite:///{tmp_path / 'flags.db'}"
        return
    url = request.getfixturevalue("mariadb_url")
    engine = create_store_engine(_parsed(url))
    with engine.begin() as connection:
        for statement in (VECTORS / "schema_1_mariadb.sql").read_text().splitlines():
            connection.exec_driver_sql(statement)
    engine.dispose()
    yield url


@pytest.fixture
def engine(old_url: str) -> Iterator[Engine]:
    """The database without the store."""
    opened = create_store_engine(_parsed(old_url))
    yield opened
    opened.dispose()


@pytest.fixture
def open_old(old_url: str) -> Iterator[Callable[[], SQLStore]]:
    opened: list[SQLStore] = []

    def open_one() -> SQLStore:
        opened.append(SQLStore(old_url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


def _parsed(url: str) -> Any:
    engine = create_engine(url.replace("mysql://", "mysql+pymysql://"))
    return engine.url


def _check(store: SQLStore) -> None:
    """Everything that was there is there, and everything new works."""
    stages = {flag.key: flag.stage for flag in store.snapshot()}
    assert stages == {"GET /a": Stage.MODERN, "GET /é": Stage.MODERN, "POST /a": Stage.LEGACY}
    assert (store.epoch(), store.snapshot().killed, store.workers(), store.evidence("GET /a")) == (4, False, (), ())
    rows = store.history()[::-1]
    assert [row.version for row in rows] == [1] * 7
    assert first_broken_link(rows) is None
    change = Change("GET /a", Stage.CANARY, 5, mirror=1, group="shop")
    store.apply([change], actor="ada", reason="new", evidence={"n": 1})
    store.kill(True, actor="ada", reason="new")
    store.beat(Worker("a", "host", 1, 6))
    store.keep(Evidence("GET /a", "parity", "now", 6))
    rows = store.history()[::-1]
    assert [row.version for row in rows] == [1] * 7 + [2] * 2
    assert first_broken_link(rows) is None
    assert first_broken_link([*rows[:3], replace(rows[3], evidence={"n": 1}), *rows[4:]]) == 4
    assert first_broken_link([*rows[:7], replace(rows[7], version=1), *rows[8:]]) == 8
    assert (len(store.workers()), len(store.evidence("GET /a"))) == (1, 1)


def test_what_version_1_wrote_is_read_and_goes_on(open_old: Callable[[], SQLStore], engine: Engine) -> None:
    _check(open_old())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT schema_version FROM strangler_epoch")) == SCHEMA_VERSION


def test_four_workers_upgrade_at_once(open_old: Callable[[], SQLStore]) -> None:
    barrier, wrong = threading.Barrier(4), list[object]()

    def start() -> None:
        store = open_old()
        barrier.wait()
        try:
            assert store.epoch() == 4
        except Exception as error:  # noqa: BLE001  # the thread's edge: the test looks at it
            wrong.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    _check(open_old())


@pytest.mark.long
def test_an_upgrade_that_was_killed_is_finished_by_the_next(
    open_old: Callable[[], SQLStore], old_url: str, engine: Engine
) -> None:
    """Killed before each step that version 1 did not do, each time a little further."""
    for steps in range(STEPS - len(ADDED) - 2, STEPS):
        ended = subprocess.run([sys.executable, "-c", DIES, old_url, str(steps)], timeout=60, check=False)
        assert ended.returncode == -signal.SIGKILL
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT schema_version FROM strangler_epoch")) == 1
            assert connection.scalar(text("SELECT COUNT(*) FROM strangler_flags")) == 3
    _check(open_old())


def test_tables_that_version_1_left_half_made_are_finished(open_old: Callable[[], SQLStore], engine: Engine) -> None:
    """It was killed before the row that says that all is there."""
    with engine.begin() as connection:
        for table in ("strangler_flags", "strangler_audit", "strangler_epoch"):
            connection.execute(text(f"DELETE FROM {table}"))
    store = open_old()
    store.apply([Change("GET /a", Stage.CANARY, 5, group="shop")], actor="ada", reason="new")
    assert (store.epoch(), first_broken_link(store.history())) == (1, None)


def test_a_worker_of_the_old_program_may_still_write(open_old: Callable[[], SQLStore], engine: Engine) -> None:
    """It started before the upgrade and names only the columns that it knows."""
    store = open_old()
    last = store.history(limit=1)[0]
    row = sealed(AuditRow(8, "now", "old", "still here", "GET /a", "modern", None, "legacy", None, 5, False, last.hash))
    names = OLD_COLUMNS.split(", ")
    values = {name: getattr(row, "key" if name == "route" else name) for name in names}
    with engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO strangler_audit ({OLD_COLUMNS}) VALUES ({', '.join(f':{name}' for name in names)})"),
            values,
        )
        connection.execute(text("DELETE FROM strangler_flags WHERE route = 'GET /a'"))
        connection.execute(
            text(
                "INSERT INTO strangler_flags (route, stage, percent, reason, updated_by, updated_at, epoch)"
                " VALUES ('GET /a', 'legacy', NULL, 'still here', 'old', 'now', 5)"
            )
        )
        connection.execute(
            text("UPDATE strangler_epoch SET epoch = 5, audit_sequence = 8, audit_hash = :hash"), {"hash": row.hash}
        )
    flag = store.snapshot().get("GET /a")
    assert flag is not None
    assert flag.stage is Stage.LEGACY
    store.apply([Change("GET /a", Stage.SHADOW)], actor="ada", reason="new")
    assert [found.version for found in store.history(limit=2)] == [2, 1]
    assert first_broken_link(store.history()[::-1]) is None
