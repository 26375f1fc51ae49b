"""A small library in SQLite, for tests of the pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Artist, Setting, Video, VideoStatus
from fastapi_app.schema import upgrade

SECRET = "a-key-that-only-these-tests-know"
FIRST_DAY = datetime(2026, 1, 1)  # noqa: DTZ001  stored dates are naive


@dataclass(frozen=True)
class Item:
    """One video to put on the shelf."""

    artist: str
    title: str
    year: int | None = 2020
    duration: int | None = 225
    status: VideoStatus = VideoStatus.DOWNLOADED
    file: str | None = "data/musicvideos/film.mp4"
    picture: str | None = None


def make_shelf(data: Path, items: Sequence[Item], *, gate: str = "false") -> Config:
    """A database in `data` with these videos, the later ones newer. Ids count from 1. The gate is open by default."""
    data.mkdir(parents=True, exist_ok=True)
    address = URL.create("sqlite", database=str(data / "mvidarr.db")).render_as_string()
    config = Config(data_dir=data, database_url=address, secret_key=SECRET)
    engine = blocking_engine(config)
    try:
        upgrade(engine)
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            session.add(Setting(key="require_authentication", value=gate))
            artists = {name: Artist(name=name) for name in dict.fromkeys(item.artist for item in items)}
            for number, item in enumerate(items):
                session.add(_video(item, artists[item.artist], number))
                session.flush()
    finally:
        engine.dispose()
    return config


def environment_of(config: Config) -> dict[str, str]:
    """What a process of its own needs to serve this library."""
    return {
        "MVIDARR_DATA_DIR": str(config.data_dir),
        "MVIDARR_DATABASE_URL": config.database_url,
        "MVIDARR_REDIS_URL": config.redis_url,
        "MVIDARR_SECRET_KEY": SECRET,
    }


def _video(item: Item, artist: Artist, number: int) -> Video:
    return Video(
        artist=artist,
        title=item.title,
        year=item.year,
        duration=item.duration,
        status=item.status,
        local_path=item.file,
        thumbnail_path=item.picture,
        created_at=FIRST_DAY + timedelta(hours=number),
    )
