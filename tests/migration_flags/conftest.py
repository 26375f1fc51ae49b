"""A real MariaDB, started once for these tests, and a folder for SQLite files."""

import uuid
from collections.abc import Iterator

import pytest

from tests.servers.mariadb import MariaDB, start_mariadb


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def mariadb_url(mariadb: MariaDB) -> Iterator[str]:
    """An empty database of its own for each test."""
    name = f"flags_{uuid.uuid4().hex[:12]}"
    yield mariadb.create_database(name)
    mariadb.drop_database(name)
