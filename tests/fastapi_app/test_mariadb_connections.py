"""What a session costs on MariaDB, and what it may: who reads begins nothing and keeps nothing."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pymysql
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from fastapi_app import mariadb as module
from fastapi_app.config import Config
from fastapi_app.database import Database, blocking_engine
from fastapi_app.models import Artist, Base
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]

NAMES = select(Artist.name)
ADDED = insert(Artist).values(id=1, name="Björk")


@pytest.fixture
async def database(mariadb: MariaDB, tmp_path: Path) -> AsyncIterator[Database]:
    """A warm connection, and room for another, over an empty table."""
    url = mariadb.create_database(f"test_{uuid4().hex}")
    config = Config(data_dir=tmp_path, database_url=url, database_pool_size=1, database_pool_overflow=1)
    engine = blocking_engine(config)
    Base.metadata.create_all(engine, tables=[Base.metadata.tables["artists"]])
    engine.dispose()
    found = Database(config)
    async with found.reading() as session:
        await session.execute(NAMES)  # the first connection asks the server about itself
    yield found
    await found.close()


@contextmanager
def asked(server: MariaDB) -> Iterator[list[str]]:
    """What the server is asked meanwhile, each connection's own set-up left out."""
    told: list[str] = []
    server.execute("SET GLOBAL log_output = 'TABLE'")
    server.execute("TRUNCATE mysql.general_log")
    server.execute("SET GLOBAL general_log = 1")
    try:
        yield told
    finally:
        server.execute("SET GLOBAL general_log = 0")
        connection = pymysql.connect(host=server.host, port=server.port, user=server.user, password=server.password)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type = 'Query'")
            told += [
                row[0] for row in cursor.fetchall() if "general_log" not in row[0] and not row[0].startswith("SET ")
            ]


async def test_a_read_is_one_statement(mariadb: MariaDB, database: Database) -> None:
    with asked(mariadb) as told:
        async with database.reading() as session:
            assert (await session.scalars(NAMES)).all() == []
    assert [line.partition(" ")[0] for line in told] == ["SELECT"]


async def test_a_write_begins_and_ends_once(mariadb: MariaDB, database: Database) -> None:
    with asked(mariadb) as told:
        async with database.writing() as session:
            await session.execute(ADDED)
    assert [line.partition(" ")[0] for line in told] == ["START", "INSERT", "COMMIT"]
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == ["Björk"]


async def test_what_a_reader_writes_is_refused_and_not_kept(database: Database) -> None:
    with pytest.raises(DBAPIError, match="1792"):
        async with database.reading() as session:
            await session.execute(ADDED)
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == []


async def test_a_write_that_fails_leaves_nothing_for_whoever_reads_next(database: Database) -> None:
    with suppress(ZeroDivisionError):
        async with database.writing() as session:
            await session.execute(ADDED)
            raise ZeroDivisionError
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == []


async def test_a_reader_after_a_writer_on_the_same_connection_writes_no_more_than_before(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(ADDED)
    with pytest.raises(DBAPIError, match="1792"):
        async with database.reading() as session:
            await session.execute(text("DELETE FROM artists"))


async def test_each_statement_of_a_writer_sees_what_is_committed_by_then(database: Database) -> None:
    async with database.writing() as session:
        assert (await session.scalars(NAMES)).all() == []
        async with database.writing() as other:
            await other.execute(ADDED)
        assert (await session.scalars(NAMES)).all() == ["Björk"]


async def test_a_connection_that_died_while_it_idled_is_replaced_unseen(
    mariadb: MariaDB, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "FRESH_SECONDS", 0.0)
    async with database.reading() as session:
        number = await session.scalar(text("SELECT CONNECTION_ID()"))
    mariadb.execute(f"KILL {number}")
    with caplog.at_level(logging.CRITICAL):
        async with database.reading() as session:
            assert await session.scalar(text("SELECT CONNECTION_ID()")) != number
