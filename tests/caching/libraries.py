"""A library for tests of caches, and a way to it that is no part of the product."""

import shutil
import sqlite3
from pathlib import Path

from fastapi_app.config import Config
from fastapi_app.models import CONNECT_ARGUMENTS, Setting
from tests.search.libraries import SECRET, put


def copied(new_database: Path, folder: Path) -> Config:
    """An empty library with the gate open."""
    data = folder / "data"
    data.mkdir()
    config = Config(data_dir=data, database_url=f"sqlite:///{data}/mvidarr.db", secret_key=SECRET)
    shutil.copy(new_database, file_of(config))
    put(config, Setting(id=1, key="require_authentication", value="false"))
    return config


def file_of(config: Config) -> Path:
    return config.data_dir / "mvidarr.db"


def shell(config: Config) -> sqlite3.Connection:
    """A connection that commits each statement, as somebody at a shell would have it."""
    connection: sqlite3.Connection = sqlite3.connect(file_of(config), **CONNECT_ARGUMENTS)
    return connection
