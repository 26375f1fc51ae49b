"""Downloads on the servers that they run on: progress through a real Redis, rows in a real MariaDB."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.downloads import schedule
from fastapi_app.jobs.event import CHANNEL
from fastapi_app.jobs.states import TERMINAL, State
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.schema import upgrade
from tests.downloads.conftest import House
from tests.servers.mariadb import start_mariadb
from tests.servers.media_server import MediaServer, Thing
from tests.servers.redis import start_redis

SLOW = 16_000
"""Bytes a second: a second for each block, which is less than yt-dlp's patience."""
HEARING_SECONDS = 60.0


def is_under_way(event: dict[str, Any]) -> bool:
    return event["stage"] == "downloading" and bool(event["speed"])


def hear(channel: Any, film: Thing) -> list[dict[str, Any]]:
    """Every event until one of the end. The film comes slowly until it was told how fast: of progress that comes
    too quickly only the newest is told."""
    said: list[dict[str, Any]] = []
    deadline = time.monotonic() + HEARING_SECONDS
    while time.monotonic() < deadline and not (said and said[-1]["state"] in TERMINAL):
        message = channel.get_message(timeout=0.2)
        if message is not None and message["type"] == "message":
            said.append(json.loads(message["data"]))
            if is_under_way(said[-1]):
                film.rate = None
    return said


def test_progress_reaches_redis_although_nothing_private_may_be_asked(
    house: House, site: MediaServer, films: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis is at a private address, and so is the database: only yt-dlp is held back."""
    from fastapi_app.downloads import guard

    monkeypatch.setattr(guard, "is_public", lambda host: host == "127.0.0.1")
    url = site.put("/slow.mp4", films["large.mp4"], rate=SLOW)
    with (
        start_redis(tmp_path / "redis") as server,
        Redis.from_url(server.url) as redis,
        redis.pubsub() as channel,
        ThreadPoolExecutor(1) as ears,
    ):
        channel.subscribe(CHANNEL)
        assert channel.get_message(timeout=HEARING_SECONDS)["type"] == "subscribe"
        heard = ears.submit(hear, channel, site.things["/slow.mp4"])
        changed = {"redis_url": server.url, "allow_private_addresses": False}
        strict = House(house.config.model_copy(update=changed), house.engine)
        job_id = strict.submit(video_id=1, url=url)
        assert strict.run()
        said = heard.result()
    assert strict.job(job_id).state == State.COMPLETED
    assert said[0]["state"] == "running"
    assert said[-1]["state"] == "completed"
    assert any(map(is_under_way, said))


@pytest.fixture
def on_mariadb(config: Config, tmp_path: Path) -> Iterator[House]:
    with start_mariadb(tmp_path / "mariadb") as server:
        changed = config.model_copy(update={"database_url": server.create_database("downloads")})
        engine = blocking_engine(changed)
        upgrade(engine)
        house = House(changed, engine)
        house.set(download_pause="0", download_request_pause="0", minimum_free_space_mb="1", **ON)
        house.write(Artist(id=1, name="Nova Kestrel"), Video(id=1, artist_id=1, title="Glass Harbor"))
        yield house
        engine.dispose()


ON = {schedule.ENABLED: "true", schedule.TIME: "02:00"}


@pytest.mark.long
@pytest.mark.mariadb
def test_the_same_on_mariadb(on_mariadb: House, site: MediaServer) -> None:
    house = on_mariadb
    job_id = house.submit(video_id=1, url=site.url + "/film.mp4")
    assert house.run()
    assert (house.job(job_id).state, house.job(job_id).error_class) == (State.COMPLETED, None)
    assert house.video().status == VideoStatus.DOWNLOADED
    failed = house.submit(video_id=1, url=site.put("/no.mp4", status=403))
    assert house.run()
    assert house.job(failed).error_class == "forbidden"
    assert house.video().status == VideoStatus.DOWNLOADED
    moments = [datetime(2026, 11, 21, 1, 59), datetime(2026, 11, 21, 2, 0)]  # noqa: DTZ001
    with ThreadPoolExecutor(8) as beats:
        for moment in moments:
            list(
                beats.map(
                    lambda _, at=moment: schedule.look(house.engine, at, at.replace(tzinfo=UTC)),
                    range(16),
                )
            )
    assert house.count("auto-download") == 1
    assert house.count("sweep-downloads") == 1
