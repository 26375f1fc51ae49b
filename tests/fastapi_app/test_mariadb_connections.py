"""What a session costs on MariaDB: who reads begins nothing."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pymysql
import pytest
from pymysql.connections import Connection
from sqlalchemy import text

from fastapi_app import mariadb as module
from fastapi_app.config import Config
from fastapi_app.database import Database, blocking_engine
from tests.fastapi_app.warm import ADDED, NAMES, warm
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]


@pytest.fixture
async def database(mariadb: MariaDB, tmp_path: Path) -> AsyncIterator[Database]:
    async with warm(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path) as found:
        yield found


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


def test_a_workers_connection_is_tried_only_when_it_was_not_heard_lately(
    mariadb: MariaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []
    monkeypatch.setattr(Connection, "ping", lambda self, *_: tried.append(self))
    address = mariadb.create_database(f"test_{uuid4().hex}")
    engine = blocking_engine(Config(database_url=address, data_dir=tmp_path))
    try:
        for _ in range(3):
            with engine.connect() as connection:
                assert connection.scalar(text("SELECT 1")) == 1
        assert tried == []
        monkeypatch.setattr(module, "FRESH_SECONDS", 0.0)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        assert len(tried) == 1
    finally:
        engine.dispose()


def test_a_workers_connection_that_died_while_it_idled_is_replaced_unseen(
    mariadb: MariaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRESH_SECONDS", 0.0)
    address = mariadb.create_database(f"test_{uuid4().hex}")
    engine = blocking_engine(Config(database_url=address, data_dir=tmp_path))
    try:
        with engine.connect() as connection:
            number = connection.scalar(text("SELECT CONNECTION_ID()"))
        mariadb.execute(f"KILL {number}")
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT CONNECTION_ID()")) != number
    finally:
        engine.dispose()
