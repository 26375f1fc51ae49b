"""Twenty real downloads, and in the middle of them something is killed. Whatever it is, every film arrives, once."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import Artist, Download, Job, Setting, Video, VideoStatus
from fastapi_app.schema import upgrade
from tests.downloads.conftest import House
from tests.jobs.workers import Worker, all_ended, until, working
from tests.servers.mariadb import MariaDB, start_mariadb
from tests.servers.media_server import MediaServer
from tests.servers.redis import Redis, start_redis
from tests.servers.web import Web, serving

pytestmark = [pytest.mark.long, pytest.mark.mariadb]

NUMBER, QUICK = 20, 4
SECONDS = 240
"""How long a film would take to arrive, but for the first few: nobody waits for that, see `hurry`."""
PATIENCE = 200.0


@dataclass
class Scene:
    """An installation whose parts can be killed and started again, each in the place of the one before it."""

    house: House
    folder: Path
    stack: ExitStack
    mariadb: MariaDB
    redis: Redis
    keeps: bool
    web: Web
    worker: Worker

    @property
    def environment(self) -> dict[str, str]:
        config = self.house.config
        return {
            "MVIDARR_DATABASE_URL": config.database_url,
            "MVIDARR_REDIS_URL": config.redis_url,
            "MVIDARR_DATA_DIR": str(config.data_dir),
            "MVIDARR_ALLOW_PRIVATE_ADDRESSES": "true",
        }

    def start_web(self) -> None:
        self.web = self.stack.enter_context(serving("fastapi_app.asgi:app", self.environment, self.folder))

    def start_worker(self) -> None:
        more = {"module": "tests.downloads.quick_worker", "MVIDARR_ALLOW_PRIVATE_ADDRESSES": "true"}
        made = working(self.house.config, queues=Queue.DOWNLOADS, processes=NUMBER, **more)  # type: ignore[arg-type]
        self.worker = self.stack.enter_context(made)

    def kill_web(self) -> None:
        os.kill(self.web.pid, signal.SIGKILL)
        self.start_web()

    def kill_worker(self) -> None:
        pool = self.worker.pool
        self.worker.process.kill()
        self.worker.process.wait()
        until(lambda: not any(_lives(pid) for pid in pool))
        self.start_worker()

    def kill_redis(self) -> None:
        self.redis.kill()
        self.redis.socket.unlink(missing_ok=True)
        self.redis = self.stack.enter_context(start_redis(self.folder / "redis", keeps=self.keeps))

    def take_the_database_away(self) -> None:
        self.mariadb.kill()
        time.sleep(10)  # the very thing that is tested
        again = start_mariadb(self.folder / "mariadb", port=self.mariadb.port)
        self.mariadb = self.stack.enter_context(again)


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """`request.param`: whether Redis keeps its data."""
    data = tmp_path / "data"
    data.mkdir()
    with ExitStack() as stack:
        mariadb = stack.enter_context(start_mariadb(tmp_path / "mariadb"))
        redis = stack.enter_context(start_redis(tmp_path / "redis", keeps=request.param))
        address = mariadb.create_database("downloads")
        config = Config(
            data_dir=data, database_url=address, redis_url=redis.url, log_level="ERROR", allow_private_addresses=True
        )
        engine = blocking_engine(config)
        stack.callback(engine.dispose)
        upgrade(engine)
        house = House(config, engine)
        house.set(download_pause="0", download_request_pause="0", minimum_free_space_mb="1")
        house.set(require_authentication="false")
        house.write(Artist(id=1, name="Nova Kestrel"))
        none: Any = None
        made = Scene(house, tmp_path, stack, mariadb, redis, request.param, none, none)
        made.start_web()
        made.start_worker()
        yield made


FAULTS: dict[str, tuple[bool, Callable[[Scene], None]]] = {
    "the worker is killed": (False, Scene.kill_worker),
    "Redis is killed and keeps its data": (True, Scene.kill_redis),
    "Redis is killed and loses its data": (False, Scene.kill_redis),
    "the web is killed": (False, Scene.kill_web),
    "the database is away for ten seconds": (False, Scene.take_the_database_away),
}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real film of several megabytes: noise takes the most room."""
    path = tmp_path_factory.mktemp("noise") / "film.mp4"
    source = ("-f", "lavfi", "-i", "testsrc=s=640x480:r=10:d=8,noise=alls=60:allf=t", "-f", "lavfi", "-i", "sine=d=8")
    coding = ("-c:v", "mpeg4", "-q:v", "4", "-c:a", "aac", "-movflags", "+faststart")
    subprocess.run(["ffmpeg", "-v", "error", *source, *coding, str(path)], check=True)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("scene", "fault"), [(keeps, fault) for keeps, fault in FAULTS.values()], ids=list(FAULTS), indirect=["scene"]
)
def test_every_film_arrives_once(
    scene: Scene,
    fault: Callable[[Scene], None],
    site: MediaServer,
    film: bytes,
    record_property: Callable[[str, object], None],
) -> None:
    house = scene.house
    made = [_handed_in(scene, site, film, number) for number in range(1, NUMBER + 1)]
    until(lambda: len(_done(house)) == QUICK and _arriving(house) >= NUMBER // 2, PATIENCE)
    before = _done(house)
    began = time.monotonic()
    fault(scene)
    hurry(site)
    until(lambda: all_ended(house.engine), PATIENCE)
    record_property("s until all were there", round(time.monotonic() - began))
    jobs = {job_id: house.job(job_id) for job_id in made}
    assert {job.state for job in jobs.values()} == {State.COMPLETED}, [job.error_message for job in jobs.values()]
    after = _done(house)
    assert {job_id: after[job_id] for job_id in before} == before, "a success was touched"
    names = [f"Nova Kestrel/Song {number:02}" for number in range(1, NUMBER + 1)]
    assert house.films() == [f"{name}.mp4" for name in names]
    assert {name.partition(".")[0] for name in house.files()} == set(names), "parts were left"
    for name in house.films():
        assert (house.library / name).read_bytes() == film
    _check_rows(house)
    for number in range(QUICK + 1, NUMBER + 1):
        whole = [call for call in site.asked(f"/{number}.mp4") if call.sent == len(film)]
        assert len(whole) <= jobs[made[number - 1]].attempts, "it was fetched twice"
    told = httpx2.get(f"{scene.web.base}/api/jobs/stats").json()
    assert told["by_state"]["completed"] == NUMBER


def hurry(site: MediaServer) -> None:
    """What arrives slowly arrives at once from here on."""
    for thing in site.things.values():
        thing.rate = None


def _handed_in(scene: Scene, site: MediaServer, film: bytes, number: int) -> int:
    """Through the web, as a person would."""
    rate = None if number <= QUICK else len(film) / SECONDS
    address = site.put(f"/{number}.mp4", film, rate=rate)
    scene.house.write(Video(id=number, artist_id=1, title=f"Song {number:02}", url=address, status="WANTED"))
    answer = httpx2.post(f"{scene.web.base}/api/jobs", json={"kind": "download", "video_id": number})
    assert answer.status_code == 202, answer.text
    job_id: int = answer.json()["job"]["job_id"]
    return job_id


def _done(house: House) -> dict[int, tuple[Any, ...]]:
    """What must never change again, by job."""
    columns = (Job.id, Job.claim, Job.sequence, Job.attempts, Job.finished_at, Job.updated_at)
    with Session(house.engine) as session:
        return {row.id: tuple(row) for row in session.execute(select(*columns).where(Job.state == State.COMPLETED))}


def _arriving(house: House) -> int:
    return sum(name.endswith(".part") for name in house.files())


def _check_rows(house: House) -> None:
    """0.9 sees the same."""
    with Session(house.engine) as session:
        videos = session.scalars(select(Video)).all()
        assert {video.status for video in videos} == {VideoStatus.DOWNLOADED}
        assert len({video.local_path for video in videos}) == NUMBER
        assert session.scalars(select(Download.status)).all() == ["completed"] * NUMBER
        assert session.scalar(select(Setting.value).where(Setting.key == "require_authentication")) == "false"


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
