"""What the tests of adopted libraries share."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.servers.mariadb import MariaDB, start_mariadb

NewDatabase = Callable[[str, Path], str]
_numbers = count(1)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest) -> NewDatabase:
    """Makes an empty database of a kind, for an installation in a folder; gives its URL."""

    def make(kind: str, folder: Path) -> str:
        if kind == "sqlite":
            return f"sqlite:///{folder / 'mvidarr.db'}"
        server: MariaDB = request.getfixturevalue("mariadb")
        return server.create_database(f"nine_{next(_numbers)}")

    return make
