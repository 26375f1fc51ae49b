"""An empty library, SQLite."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from tests.renames.houses import House


@pytest.fixture
def house(tmp_path: Path, new_database: Path) -> Iterator[House]:
    data = tmp_path / "data"
    (data / "musicvideos").mkdir(parents=True)
    shutil.copy(new_database, data / "mvidarr.db")
    config = Config(data_dir=data, database_url="", db_host="", redis_url="", log_level="ERROR")
    engine = blocking_engine(config)
    yield House(config, engine)
    engine.dispose()
