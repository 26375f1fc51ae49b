"""Libraries to measure on: of the size of a real one, or of any other."""

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


_AT_ONCE = 5_000
_WORDS = ("river", "summer", "night", "love", "stone", "Ágata", "ガラス", "fire", "home", "dance")


def fill(config: Config, artists: int = ARTISTS, videos: int = VIDEOS) -> None:
    """Makes the tables and the rows in an empty database, the gate open as in an adopted one."""
    Path(config.data_dir).mkdir(parents=True, exist_ok=True)
    engine = blocking_engine(config)
    upgrade(engine)
    with Session(engine) as session, session.begin():
        session.execute(insert(Setting), [_setting(number) for number in range(SETTINGS)])
        session.execute(insert(Artist), [_artist(number) for number in range(1, artists + 1)])
        for first in range(1, videos + 1, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, videos + 1))
            session.execute(insert(Video), [_video(number, artists, videos) for number in numbers])
    engine.dispose()


def _setting(number: int) -> dict[str, object]:
    if number == 0:
        return {"key": "require_authentication", "value": "false", "description": "Demand a login"}
    return {"key": f"setting_{number:02}", "value": str(number), "description": "A row to read"}


def _artist(number: int) -> dict[str, object]:
    return {"id": number, "name": f"Artist {number:03} Ågren", "keywords": ["live"], "imvdb_id": str(70_000 + number)}


def _video(number: int, artists: int, videos: int) -> dict[str, object]:
    statuses = tuple(VideoStatus)
    return {
        "id": number,
        "artist_id": number % artists + 1,
        "title": f"Song {number * 7919 % videos:05} of the {_WORDS[number % len(_WORDS)]}",
        "status": statuses[number % len(statuses)],
        "year": 1970 + number % 55,
        "duration": 120 + number % 240,
        "genres": ["Rock", "Pop"],
    }
