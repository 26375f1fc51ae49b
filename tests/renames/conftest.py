"""An empty library: on SQLite, unless a test is parametrized with `mariadb`."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.schema import upgrade
from tests.renames.houses import House
from tests.servers.mariadb import MariaDB, start_mariadb


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path, new_database: Path) -> Iterator[House]:
    data = tmp_path / "data"
    (data / "musicvideos").mkdir(parents=True)
    is_mariadb = getattr(request, "param", "") == "mariadb"
    url = request.getfixturevalue("mariadb").create_database(f"test_{uuid4().hex}") if is_mariadb else ""
    config = Config(data_dir=data, database_url=url, db_host="", redis_url="", log_level="ERROR")
    engine = blocking_engine(config)
    if is_mariadb:
        upgrade(engine)
    else:
        shutil.copy(new_database, data / "mvidarr.db")
    yield House(config, engine)
    engine.dispose()
