"""The library that the golden answers were recorded on, in a real MariaDB and a folder of its own."""

import gzip
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.schema import upgrade
from tests.golden.line import SHARED
from tests.servers.mariadb import MariaDB

FIXTURES = SHARED / "fixtures"
SECRET = "a-key-that-only-these-tests-know"
_WRITTEN = datetime(2025, 9, 6, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class Library:
    """An installation: its configuration, and the environment that tells a server of it."""

    config: Config
    environment: dict[str, str]


def load_library(server: MariaDB, name: str, folder: Path) -> Library:
    """The fixture as database `name`, with its media in `folder`/data, adopted as it is: the gate stays open."""
    url = server.create_database(name)
    _load(server, name)
    data = folder / "data"
    shutil.copytree(FIXTURES / "media" / "data", data)
    _make_old(data)
    config = Config(database_url=url, data_dir=data, secret_key=SECRET)
    engine = blocking_engine(config)
    upgrade(engine, folder / "backups")
    engine.dispose()
    environment = {
        "MVIDARR_DATABASE_URL": url,
        "MVIDARR_DATA_DIR": str(data),
        "MVIDARR_SECRET_KEY": SECRET,
        "MVIDARR_LOG_LEVEL": "WARNING",
    }
    return Library(config, environment)


def _make_old(folder: Path) -> None:
    """A checkout gives files its own time: for one side that may be the present still, and for the other no more."""
    for file in folder.rglob("*"):
        os.utime(file, (_WRITTEN, _WRITTEN))


def _load(server: MariaDB, name: str) -> None:
    """The dump's first line is unknown to older clients, so it is left out."""
    with gzip.open(FIXTURES / "mvidarr-0.9.sql.gz", "rb") as dump:
        first, rest = dump.readline(), dump.read()
    text = rest if b"sandbox mode" in first else first + rest
    address = [f"--host={server.host}", f"--port={server.port}", f"--user={server.user}"]
    subprocess.run(
        ["mariadb", "--no-defaults", *address, "--default-character-set=utf8mb4", name],
        input=text,
        check=True,
        env={**os.environ, "MYSQL_PWD": server.password},
    )
