"""Every quirk survives the way from MariaDB to SQLite and back, letter for letter."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.operations import copies
from fastapi_app.schema import upgrade
from tests.adoption.conftest import NewDatabase
from tests.servers import nine


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Engine]:
    engine = blocking_engine(Config(database_url=url, data_dir=folder))
    yield engine
    engine.dispose()


def adopt(url: str, folder: Path) -> nine.Stored:
    with opened(url, folder) as engine:
        nine.build(engine)
        upgrade(engine, folder / "backups")
        return nine.stored(engine)


@pytest.mark.mariadb
def test_every_quirk_survives_the_way_there_and_back(new_database: NewDatabase, tmp_path: Path) -> None:
    first, between, last = (new_database(kind, tmp_path) for kind in ("mariadb", "sqlite", "mariadb"))
    config = Config(database_url=first, data_dir=tmp_path)
    before = adopt(first, tmp_path)
    assert sum(copies.run(config, first, between).values()) == sum(map(len, before.values()))
    copies.run(config, between, last)
    with opened(last, tmp_path) as engine:
        assert nine.differences(before, nine.stored(engine)) == set()
