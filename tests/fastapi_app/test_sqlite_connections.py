"""What a session costs on SQLite: who reads begins nothing."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from fastapi_app.database import Database
from fastapi_app.models import Artist
from fastapi_app.sqlite import FileConnection
from tests.fastapi_app.warm import ADDED, NAMES, warm

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with warm(f"sqlite:///{tmp_path / 'library.db'}", tmp_path) as found:
        yield found


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the threads of connections are asked to do, by the name of the function."""
    told: list[str] = []
    execute: Any = FileConnection._execute

    async def noting(self: FileConnection, function: Any, *arguments: Any, **more: Any) -> Any:
        told.append(function.__name__)
        return await execute(self, function, *arguments, **more)

    monkeypatch.setattr(FileConnection, "_execute", noting)
    return told


async def test_a_read_wakes_its_thread_once_for_each_statement(database: Database, steps: list[str]) -> None:
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == []
        assert (await session.scalars(NAMES)).all() == []
    assert steps == ["_answer", "_answer"]


async def test_a_write_begins_and_ends_once(database: Database, steps: list[str]) -> None:
    async with database.writing() as session:
        await session.execute(ADDED)
    assert steps == ["_answer", "_answer", "commit"]
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == ["Björk"]


async def test_a_reader_keeps_nobody_from_what_was_committed(database: Database) -> None:
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == []
        async with database.writing() as other:
            await other.execute(ADDED)
        assert (await session.scalars(NAMES)).all() == ["Björk"]


async def test_a_savepoint_of_a_reader_leaves_nothing_open(database: Database, tmp_path: Path) -> None:
    async with database.reading() as session:
        await session.begin_nested()
        await session.execute(NAMES)
    async with database.writing() as session:
        await session.execute(ADDED)
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == ["Björk"]
    with closing(sqlite3.connect(tmp_path / "library.db")) as other:
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)


async def test_a_writer_that_was_cancelled_gives_its_turn_back(database: Database) -> None:
    begun = asyncio.Event()

    async def writes() -> None:
        async with database.writing() as session:
            await session.execute(ADDED)
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(writes())
    await asyncio.wait_for(begun.wait(), 5)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), database.writing() as session:
        await session.execute(ADDED)


async def test_a_connection_outside_of_both_may_still_turn_from_reading_to_writing(database: Database) -> None:
    """As dry runs do, whose transaction is always taken back."""
    async with database.engine.connect() as connection:
        await connection.execute(NAMES)
        await connection.execute(ADDED)
        assert (await connection.scalars(NAMES)).all() == ["Björk"]
        await connection.rollback()
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == []


async def test_many_rows_at_once_and_what_they_return(database: Database) -> None:
    rows = [{"name": f"Artist {number}"} for number in range(1500)]
    async with database.writing() as session:
        made = await session.scalars(insert(Artist).returning(Artist.id), rows)
        assert len(made.all()) == 1500
        await session.execute(insert(Artist), rows[:3])
    async with database.reading() as session:
        assert len((await session.scalars(NAMES)).all()) == 1503
