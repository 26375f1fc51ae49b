"""One library on either database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Artist, PlaylistMonitor, Setting, Video
from fastapi_app.schema import upgrade
from tests.servers.mariadb import start_mariadb

SIDES = ("sqlite", "mariadb")
SECRET = "a-key-that-only-these-tests-know"


@contextmanager
def library(side: str, folder: Path) -> Iterator[Config]:
    """An empty library with the tables of this version, the gate open."""
    if side == "sqlite":
        yield _made(folder, "")
        return
    with start_mariadb(folder / "server") as server:
        yield _made(folder, server.create_database("library"))


def put(config: Config, *rows: Any) -> None:
    with writing(config) as session:
        for row in rows:
            session.merge(row)


@contextmanager
def writing(config: Config) -> Iterator[Session]:
    with opened(config) as engine, Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        yield session


@contextmanager
def opened(config: Config) -> Iterator[Engine]:
    engine = blocking_engine(config)
    try:
        yield engine
    finally:
        engine.dispose()


def artist(number: int, name: str) -> Artist:
    return Artist(id=number, name=name)


def video(number: int, title: str, of: int = 1, description: str | None = None) -> Video:
    return Video(id=number, artist_id=of, title=title, description=description)


def playlist(number: int, name: str, channel: str = "") -> PlaylistMonitor:
    address = f"https://www.youtube.com/playlist?list=PL{number}"
    return PlaylistMonitor(id=number, playlist_id=f"PL{number}", playlist_url=address, name=name, channel_title=channel)


def _made(folder: Path, url: str) -> Config:
    data = folder / "data"
    data.mkdir(parents=True)
    config = Config(data_dir=data, database_url=url or f"sqlite:///{data}/mvidarr.db", secret_key=SECRET)
    with opened(config) as engine:
        upgrade(engine)
    put(config, Setting(id=1, key="require_authentication", value="false"))
    return config
