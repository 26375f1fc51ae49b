"""Real servers for the router's tests."""

from collections.abc import Iterator

import pytest

from tests.servers.mariadb import MariaDB, start_mariadb


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server
