"""The scheduler: what its settings mean, what is turned by hand, and whether anybody keeps time."""

import json
import socket
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from fastapi_app.models import Job, Setting, VideoStatus
from legacy_flask import beat, schedule_rules
from legacy_flask.beat import beat_is_gone
from tests.legacy_flask.library import Library, artist, make_library, video
from tests.servers.redis import start_redis

BASE = "/api/settings/scheduler"
CASES = json.loads((Path(__file__).parents[1] / "vectors/schedule.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_settings_mean_the_same_on_both_sides(case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(case["now"])
    assert schedule_rules.status(case["settings"], now, beat_is_gone=case["beat_is_gone"]) == case["status"]


def test_it_is_started_and_stopped_for_good_and_leaves_no_trace(library: Library) -> None:
    client = library.client()
    before = library.count(Setting)
    for action, more, message in (
        ("start", 1, "Scheduler started successfully"),
        ("start", 1, "Scheduler started successfully"),
        ("reload", 1, "Scheduler reloaded successfully"),
        ("stop", 0, "Scheduler stopped successfully"),
        ("stop", 0, "Scheduler stopped successfully"),
    ):
        assert client.post(f"{BASE}/{action}").json == {"message": message}
        told = client.get(f"{BASE}/status").json
        assert told is not None
        assert (told["scheduler"]["running"], library.count(Setting)) == (more == 1, before + more)


def test_what_was_stopped_stays_stopped(library: Library) -> None:
    library.add(Setting(key="auto_download_schedule_enabled", value="true"))
    client = library.client()
    client.post(f"{BASE}/stop")
    told = client.get(f"{BASE}/status").json
    assert told is not None
    assert (told["scheduler"]["running"], told["scheduler"]["schedule_info"]["next_run"]) == (False, None)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with start_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.mark.parametrize(
    ("said", "age", "gone"),
    [
        (None, None, True),
        ({"role": "beat"}, 0.0, False),
        ({"role": "beat"}, 60.0, True),
        ({"role": "worker"}, 0.0, True),
        ({"role": "beat"}, None, True),
        ([], None, True),
    ],
    ids=range(6),
)
def test_nobody_keeps_time_only_where_that_is_known(
    redis_url: str, said: Any, age: float | None, gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`age` counts from the moment of the test: collected it was long ago, in a run of everything."""
    monkeypatch.setitem(beat._IMPATIENT, "socket_timeout", 30.0)  # a busy machine is not a slow Redis
    told = said if age is None else {**said, "at": time.time() - age}
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
        if told is not None:
            redis.hset("mvidarr:alive", "beat a:1", json.dumps(told))
    assert beat_is_gone(redis_url) is gone
    assert beat_is_gone("") is False
    assert beat_is_gone("redis://127.0.0.1:9") is False
    assert beat_is_gone("nowhere") is False


def test_of_a_redis_that_is_too_slow_to_answer_nobody_knows() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert beat_is_gone(f"redis://127.0.0.1:{silent.getsockname()[1]}") is False


def test_what_is_wanted_is_handed_in_up_to_the_limit(tmp_path: Path) -> None:
    with make_library(tmp_path, runs_downloads=False) as library:
        nothing = {"success": True, "message": "No wanted videos found", "success_count": 0, "failed_count": 0}
        empty = library.client().post(f"{BASE}/trigger").json
        assert empty == {"message": "Scheduled download triggered successfully", "result": {**nothing, "results": []}}
        library.add(Setting(key="auto_download_max_videos", value="2"), artist(1))
        library.add(*(video(number, title=f"Song {number}", status=VideoStatus.WANTED) for number in (1, 2, 3)))
        told = library.client().post(f"{BASE}/trigger").json
        assert told is not None
        assert (told["result"]["success_count"], told["result"]["total_wanted"]) == (2, 2)
        assert told["result"]["results"][0] == {
            "video_id": 1,
            "title": "Song 1",
            "artist": "Nova Kestrel",
            "success": True,
        }
        assert library.count(Job) == 2
