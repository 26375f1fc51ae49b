"""Writers of one SQLite file in one process take turns."""

import gc
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from fastapi_app.config import Config
from fastapi_app.database import Database, blocking_engine
from fastapi_app.models import WRITES, sqlite
from fastapi_app.models.write_turn import WriteTurn

WRITERS = 24


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'notes.db'}")


@pytest.fixture
def writing(config: Config) -> Iterator[Engine]:
    engine = blocking_engine(config)
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(text("CREATE TABLE notes (number INTEGER)"))
    yield engine.execution_options(**{WRITES: True})
    engine.dispose()


def test_turns_come_in_the_order_of_asking() -> None:
    turn, order, asked = WriteTurn(), [], []
    assert turn.take(1)

    def write(number: int) -> None:
        assert turn.take(5)
        order.append(number)
        turn.give()

    for number in range(5):
        thread = threading.Thread(target=write, args=(number,))
        thread.start()
        asked.append(thread)
        deadline = time.monotonic() + 5
        while len(turn._waiting) <= number and time.monotonic() < deadline:
            time.sleep(0.001)
    turn.give()
    for thread in asked:
        thread.join(5)
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_that_does_not_come_is_given_up_and_passed_by() -> None:
    turn = WriteTurn()
    assert turn.take(1)
    assert not turn.take(0.01)
    turn.give()
    assert turn.take(0)


def test_a_writer_that_waits_too_long_is_told_that_the_file_is_locked(
    writing: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MILLISECONDS", 50)
    with writing.begin(), pytest.raises(OperationalError, match="locked"), writing.begin():
        pytest.fail("two wrote at once")
    with writing.begin() as connection:
        connection.execute(text("INSERT INTO notes VALUES (1)"))


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_whatever_ends_a_transaction_ends_the_turn(writing: Engine, end: str) -> None:
    connection = writing.connect()
    begun = connection.begin()
    getattr(connection if end == "close" else begun, end)()
    with writing.begin() as other:
        other.execute(text("INSERT INTO notes VALUES (1)"))
    connection.close()


def test_a_connection_that_is_forgotten_keeps_no_turn(writing: Engine) -> None:
    path = writing.url.database
    assert path is not None
    forgotten = sqlite3.connect(path, factory=sqlite.LibraryConnection, isolation_level=None)
    forgotten.cursor().execute("BEGIN IMMEDIATE")
    del forgotten
    gc.collect()  # a connection and its cache of statements hold each other
    with writing.begin() as connection:
        connection.execute(text("INSERT INTO notes VALUES (1)"))


@pytest.mark.anyio
async def test_blocking_and_waiting_writers_queue_together(config: Config, writing: Engine) -> None:
    """Twenty-four threads and as many tasks add one each, all at once: none is lost and none is refused."""
    database = Database(config)

    def add_blocking() -> None:
        with writing.begin() as connection:
            number = connection.execute(text("SELECT coalesce(max(number), 0) FROM notes")).scalar_one()
            connection.execute(text("INSERT INTO notes VALUES (:n)"), {"n": number + 1})

    async def add_waiting() -> None:
        async with database.writing() as session:
            number = (await session.execute(text("SELECT coalesce(max(number), 0) FROM notes"))).scalar_one()
            await session.execute(text("INSERT INTO notes VALUES (:n)"), {"n": number + 1})

    async with anyio.create_task_group() as tasks:
        for _ in range(WRITERS):
            tasks.start_soon(anyio.to_thread.run_sync, add_blocking)
            tasks.start_soon(add_waiting)
    await database.close()
    with writing.connect() as connection:
        found = connection.execute(text("SELECT count(*), max(number) FROM notes")).one()
    assert tuple(found) == (2 * WRITERS, 2 * WRITERS)
