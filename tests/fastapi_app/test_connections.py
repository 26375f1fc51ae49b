"""What a session may, on either database: who reads keeps nothing."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from fastapi_app.database import Database
from tests.fastapi_app.warm import ADDED, NAMES, warm
from tests.servers.mariadb import MariaDB

pytestmark = pytest.mark.anyio

REFUSED = {"sqlite": (OperationalError, "readonly"), "mysql": (DBAPIError, "1792")}
"""What each database says to a reader who writes."""


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mariadb)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'library.db'}"
    if request.param == "mysql":
        server: MariaDB = request.getfixturevalue("mariadb")
        url = server.create_database(f"test_{uuid4().hex}")
    async with warm(url, tmp_path) as found:
        yield found


async def test_what_a_reader_writes_is_refused_and_not_kept(database: Database) -> None:
    error, words = REFUSED[database.engine.dialect.name]
    with pytest.raises(error, match=words):
        async with database.reading() as session:
            await session.execute(ADDED)
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == []


async def test_a_reader_after_a_writer_on_the_same_connection_writes_no_more_than_before(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(ADDED)
    error, words = REFUSED[database.engine.dialect.name]
    with pytest.raises(error, match=words):
        async with database.reading() as session:
            await session.execute(text("DELETE FROM artists"))


async def test_a_write_that_fails_leaves_nothing_for_whoever_reads_next(database: Database) -> None:
    with suppress(ZeroDivisionError):
        async with database.writing() as session:
            await session.execute(ADDED)
            raise ZeroDivisionError
    async with database.reading() as session:
        assert (await session.scalars(NAMES)).all() == []
