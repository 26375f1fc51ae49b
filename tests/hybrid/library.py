"""A small library with real files, for tests of the whole hybrid."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import Artist, Setting, Video, VideoStatus
from fastapi_app.schema import upgrade

NAMES = ("Nova Kestrel", "Björk Ågren", "宇宙バンド", "100% Pure", "The Quiet Riot Club")
VIDEOS_EACH = 12
SECRET = "a-key-that-only-these-tests-know"


@dataclass(frozen=True)
class Library:
    """Where the library is, and the environment that makes a server find it."""

    config: Config
    environment: dict[str, str]


def make_library(folder: Path, database_url: str = "") -> Library:
    """Five artists with twelve videos each, one of each with a file, the gate open."""
    data = folder / "data"
    (data / "musicvideos").mkdir(parents=True)
    url = database_url or URL.create("sqlite", database=str(data / "mvidarr.db")).render_as_string()
    config = Config(data_dir=data, database_url=url, secret_key=SECRET)
    engine = blocking_engine(config)
    upgrade(engine)
    _fill(engine, data)
    engine.dispose()
    return Library(
        config,
        {"MVIDARR_DATA_DIR": str(data), "MVIDARR_DATABASE_URL": url, "MVIDARR_SECRET_KEY": SECRET},
    )


def _fill(engine: Engine, data: Path) -> None:
    with Session(engine) as session, session.begin():
        session.add(Setting(key="require_authentication", value="false", description="Demand a login"))
        for name in NAMES:
            artist = Artist(name=name, keywords=["live"])
            session.add(artist)
            for number in range(VIDEOS_EACH):
                session.add(_video(artist, number, data))


def _video(artist: Artist, number: int, data: Path) -> Video:
    title = f"{artist.name} song {number}"
    video = Video(artist=artist, title=title, year=1980 + number, status=VideoStatus.WANTED)
    if number == 0:
        path = data / "musicvideos" / artist.name / f"{title}.mp4"
        path.parent.mkdir()
        path.write_bytes(bytes(range(256)) * 1024)
        video.local_path = f"data/musicvideos/{artist.name}/{title}.mp4"
        video.status = VideoStatus.DOWNLOADED
    return video
