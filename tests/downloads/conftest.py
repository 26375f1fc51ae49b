"""A library with rows, a site with films, and the real runner of jobs between them."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from yt_dlp import YoutubeDL  # type: ignore[import-untyped]

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.downloads import downloading, kinds
from fastapi_app.downloads.options import Pace
from fastapi_app.downloads.payload import Download
from fastapi_app.downloads.submitting import submit_download
from fastapi_app.jobs import running
from fastapi_app.jobs.kinds import Kinds
from fastapi_app.jobs.states import Queue
from fastapi_app.jobs.work import Done, Work
from fastapi_app.models import WRITES, Artist, Job, JobQueue, Setting, Video
from tests.downloads.extractors import add_few
from tests.servers.media_server import MediaServer, media_server

SECONDS = 4
HURRY = Pace(request_pause=0, subtitle_pause=0, socket_timeout=3, retries=1, longest_pause=0)


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Real films by name."""
    folder = tmp_path_factory.mktemp("films")
    source = ("-f", "lavfi", "-i", f"testsrc=s=640x480:r=10:d={SECONDS}")
    sound = ("-f", "lavfi", "-i", f"sine=d={SECONDS}")
    x264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10")
    aac, fast = ("-c:a", "aac", "-b:a", "64k"), ("-movflags", "+faststart")
    made = {
        "large.mp4": (*source, *sound, *x264, *aac, *fast),
        "small.mp4": (*source, *sound, "-vf", "scale=320:240", *x264, *aac, *fast),
        "picture.mp4": (*source, *x264, *fast),
        "sound.m4a": (*sound, *aac, *fast),
        "poster.jpg": ("-f", "lavfi", "-i", "testsrc=s=640x360:d=1", "-frames:v", "1"),
        "index.m3u8": (*source, *sound, *x264, *aac, "-f", "hls", "-hls_time", "1", "-hls_list_size", "0"),
    }
    for name, arguments in made.items():
        subprocess.run(["ffmpeg", "-v", "error", *arguments, str(folder / name)], check=True)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture(scope="session", autouse=True)
def few_extractors() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(YoutubeDL, "add_default_info_extractors", add_few)
        yield


@pytest.fixture
def site(films: dict[str, bytes]) -> Iterator[MediaServer]:
    with media_server() as server:
        server.put("/film.mp4", films["large.mp4"])
        server.put("/poster.jpg", films["poster.jpg"], content_type="image/jpeg")
        yield server


@pytest.fixture
def config(tmp_path: Path, new_database: Path) -> Config:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(new_database, data / "mvidarr.db")
    return Config(
        data_dir=data, database_url="", db_host="", redis_url="", log_level="ERROR", allow_private_addresses=True
    )


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    engine = blocking_engine(config)
    yield engine
    engine.dispose()


@dataclass
class House:
    """An installation: its configuration, its rows, its files, and a worker that runs when it is told to."""

    config: Config
    engine: Engine
    pace: Pace = HURRY

    @property
    def library(self) -> Path:
        return self.config.data_dir / "musicvideos"

    def write(self, *items: Any) -> None:
        with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
            for item in items:
                session.merge(item)
                session.flush()

    def set(self, **settings: str) -> None:
        with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
            for key, value in settings.items():
                row = session.scalar(select(Setting).where(Setting.key == key))
                if row is None:
                    session.add(Setting(key=key, value=value))
                else:
                    row.value = value

    def submit(self, **payload: Any) -> int:
        with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
            return submit_download(session, Download.model_validate(payload)).job.id

    def run(self, queue: Queue = Queue.DOWNLOADS, **more: Any) -> bool:
        """Runs one job with the real runner, and yt-dlp in a hurry."""
        quick = replace(kinds.DOWNLOAD, module=__name__, function="quick_download")
        _paces[str(self.config.data_dir)] = self.pace
        known = Kinds(quick, *(kind for kind in kinds.KINDS if kind.name != quick.name))
        return running.attempt(self.config, self.engine, queue, kinds=known, **more)

    def job(self, job_id: int) -> Job:
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get_one(Job, job_id)

    def video(self, video_id: int = 1) -> Video:
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get_one(Video, video_id)

    def count(self, kind: str) -> int:
        """How many jobs of a kind there are."""
        with Session(self.engine) as session:
            return len(session.scalars(select(Job.id).where(Job.kind == kind)).all())

    def queue(self, name: Queue = Queue.DOWNLOADS) -> JobQueue | None:
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get(JobQueue, name)

    def change_job(self, job_id: int, **values: Any) -> None:
        with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
            job = session.get_one(Job, job_id)
            for name, value in values.items():
                setattr(job, name, value)

    def files(self) -> list[str]:
        """Every file of the library, parts included."""
        found = (file for file in self.library.rglob("*") if file.is_file())
        return sorted(str(file.relative_to(self.library)) for file in found)

    def films(self) -> list[str]:
        return [name for name in self.files() if name.endswith((".mp4", ".mkv", ".webm", ".m4a"))]


def answer(job: Job) -> Any:
    """The result of a job, whatever it holds."""
    return job.result


_paces: dict[str, Pace] = {}


def quick_download(work: Work) -> Done:
    """What the runner calls in place of `downloading.download`."""
    return downloading.run(work, _paces[str(work.config.data_dir)])


@pytest.fixture
def house(config: Config, engine: Engine) -> House:
    made = House(config, engine)
    made.set(download_pause="0", download_request_pause="0", minimum_free_space_mb="1")
    made.write(Artist(id=1, name="Nova Kestrel"), Video(id=1, artist_id=1, title="Glass Harbor"))
    return made


@pytest.fixture
def ordered(house: House) -> Callable[..., Job]:
    """Hands in a download of the first video, runs it once, and answers the row."""

    def run(url: str | None, **more: Any) -> Job:
        job_id = house.submit(video_id=1, url=url, **more)
        assert house.run()
        return house.job(job_id)

    return run
