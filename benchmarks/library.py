"""A library of the size of a real one: 300 artists, 6,000 videos, a few of them with files."""

from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import Artist, Setting, Video, VideoStatus
from fastapi_app.schema import upgrade

ARTISTS = 300
VIDEOS = 6_000
SETTINGS = 43
"""The sizes of the library that the contract was recorded on."""


def fill(config: Config) -> None:
    """Makes the tables and the rows in an empty database, the gate open as in an adopted one."""
    Path(config.data_dir).mkdir(parents=True, exist_ok=True)
    engine = blocking_engine(config)
    upgrade(engine)
    with Session(engine) as session, session.begin():
        session.execute(insert(Setting), [_setting(number) for number in range(SETTINGS)])
        session.execute(insert(Artist), [_artist(number) for number in range(1, ARTISTS + 1)])
        session.execute(insert(Video), [_video(number) for number in range(1, VIDEOS + 1)])
    engine.dispose()


def _setting(number: int) -> dict[str, object]:
    if number == 0:
        return {"key": "require_authentication", "value": "false", "description": "Demand a login"}
    return {"key": f"setting_{number:02}", "value": str(number), "description": "A row to read"}


def _artist(number: int) -> dict[str, object]:
    return {"id": number, "name": f"Artist {number:03} Ågren", "keywords": ["live"], "imvdb_id": str(70_000 + number)}


def _video(number: int) -> dict[str, object]:
    statuses = tuple(VideoStatus)
    return {
        "id": number,
        "artist_id": number % ARTISTS + 1,
        "title": f"Song {number * 7919 % VIDEOS:05} of the river",
        "status": statuses[number % len(statuses)],
        "year": 1970 + number % 55,
        "duration": 120 + number % 240,
        "genres": ["Rock", "Pop"],
    }
