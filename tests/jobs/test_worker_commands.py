"""`mvidarr worker` and `mvidarr beat`: what they refuse, and how they end."""

import signal
import subprocess
from pathlib import Path

import pytest
from redis import Redis as Client

from tests.operations.processes import COMMAND, environment, mvidarr, until
from tests.servers.redis import start_redis


def test_without_a_redis_they_say_what_to_do(tmp_path: Path) -> None:
    ended = mvidarr(tmp_path, "worker")
    assert ended.returncode == 1
    assert "There is no Redis: set MVIDARR_REDIS_URL" in ended.stderr


def test_a_queue_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    ended = mvidarr(tmp_path, "worker", "--queues", "downloads,nonsense", MVIDARR_REDIS_URL="redis://127.0.0.1:1/0")
    assert ended.returncode == 2
    assert "downloads,metadata,media,images,maintenance" in ended.stderr.replace("\n", "").replace("│ ", "")


def test_tables_of_another_version_are_refused(tmp_path: Path) -> None:
    ended = mvidarr(tmp_path, "beat", MVIDARR_REDIS_URL="redis://127.0.0.1:1/0")
    assert ended.returncode == 1
    assert "Run: mvidarr db upgrade" in ended.stderr


@pytest.mark.long
def test_beat_alone_says_that_it_is_there_and_ends_with_success(tmp_path: Path) -> None:
    assert mvidarr(tmp_path, "db", "upgrade").returncode == 0
    with start_redis(tmp_path / "redis") as redis, Client.from_url(redis.url) as client:
        settings: dict[str, str | Path] = {"MVIDARR_DATA_DIR": tmp_path / "data", "MVIDARR_REDIS_URL": redis.url}
        with subprocess.Popen([*COMMAND, "beat"], cwd=tmp_path, env=environment(**settings)) as process:
            try:
                until(lambda: any(name.startswith(b"beat@") for name in client.hkeys("mvidarr:alive")))
            finally:
                process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
