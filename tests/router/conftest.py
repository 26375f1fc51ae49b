"""Real servers for the router's tests."""

from collections.abc import AsyncIterator, Iterator

import pytest

from migration_flags.stores.memory import MemoryStore
from tests.router.rig import Rig, running
from tests.servers.mariadb import MariaDB, start_mariadb


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def flags() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def rig(flags: MemoryStore) -> AsyncIterator[Rig]:
    rig = Rig(flags)
    async with running(rig.router):
        yield rig
