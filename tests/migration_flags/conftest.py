"""A real MariaDB and a real Redis, started once for these tests; and every store, opened again and again."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openfeature import api

from migration_flags import FlagStore
from migration_flags.stores.file import FileStore
from migration_flags.stores.memory import MemoryStore
from migration_flags.stores.openfeature import OpenFeatureStore
from migration_flags.stores.redis import RedisStore
from migration_flags.stores.sql import SQLStore
from tests.servers.mariadb import MariaDB, start_mariadb
from tests.servers.redis import Redis, start_redis

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Open = Callable[[], FlagStore]


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


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with start_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


MARIADB = pytest.param("mariadb", marks=pytest.mark.mariadb)


@pytest.fixture(params=["memory", "file", "sqlite", "redis", MARIADB, "openfeature"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same store again and again, as several processes would; the memory store is its own only process.

    The store that follows OpenFeature is over SQLite, and nobody says anything.
    """
    opened: list[FlagStore] = []
    make = _maker(request, tmp_path)

    def open_one() -> FlagStore:
        opened.append(make())
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


def _maker(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    if request.param == "memory":
        memory = MemoryStore(lambda: NOON)
        return lambda: memory
    if request.param == "file":
        return lambda: FileStore(tmp_path / "flags.json", lambda: NOON)
    if request.param == "redis":
        url, prefix = request.getfixturevalue("redis").url, f"{uuid.uuid4().hex}:"
        return lambda: RedisStore(url, lambda: NOON, prefix=prefix)
    sqlite = f"sqlite:///{tmp_path / 'flags.db'}"
    address = request.getfixturevalue("mariadb_url") if request.param == "mariadb" else sqlite
    if request.param == "openfeature":
        return lambda: OpenFeatureStore(SQLStore(address, lambda: NOON), api.get_client("silent"))
    return lambda: SQLStore(address, lambda: NOON)
