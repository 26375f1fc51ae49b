"""The doctor tells of workers and queues: who is missing, what waits, what is paused and why."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as Connection
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.jobs import presence
from fastapi_app.jobs.presence import Presence, Role
from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import WRITES, JobQueue, now
from fastapi_app.operations import doctor, redis_server, tables
from fastapi_app.operations.doctor import Verdict
from tests.jobs.work_rows import job
from tests.servers.redis import Redis, start_redis


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with start_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An installation with a job that waits, one that runs, and a paused queue."""
    data = tmp_path / "data"
    data.mkdir()
    config = Config(data_dir=data, database_url=f"sqlite:///{data}/mvidarr.db", port=0)
    with tables.engine_for(config) as engine:
        tables.bring_up_to_date(engine)
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            session.add(job(1, due_at=now() - timedelta(seconds=90)))
            session.add(job(2, State.RUNNING))
            session.add(JobQueue(name=Queue.MEDIA, paused_at=now(), cause="disk-full", reason="The disk is full"))
    return config


def found(config: Config, name: str, **changes: Any) -> tuple[Verdict, str]:
    asked = config.model_copy(update=changes)
    finding = next(finding for finding in doctor.examine(asked) if finding.name == name)
    return finding.verdict, finding.message


def test_queues_tell_what_waits_and_why_nothing_goes_on(config: Config) -> None:
    verdict, message = found(config, "queues")
    assert verdict is Verdict.NOTICE
    assert message.startswith("downloads: 1 wait, 1 run, the oldest is due for 0:01:3")
    assert message.endswith("media: 0 wait, 0 run, paused: The disk is full.")


def test_missing_workers_are_told_and_nothing_is_called_broken(config: Config, redis: Redis) -> None:
    with Connection.from_url(redis.url) as connection:
        connection.flushall()
        assert found(config, "workers", redis_url=redis.url) == (
            Verdict.NOTICE,
            "No worker is there, and 1 jobs wait. Run: mvidarr worker",
        )
        presence.announce(connection, Presence("w", Role.WORKER, socket.gethostname(), (Queue.IMAGES,)))
        verdict, message = found(config, "workers", redis_url=redis.url)
        assert (verdict, "serves the queue downloads" in message, "mvidarr beat" in message) == (
            Verdict.NOTICE,
            True,
            True,
        )
        presence.announce(connection, Presence("w", Role.WORKER, socket.gethostname(), tuple(Queue)))
        presence.announce(connection, Presence("b", Role.BEAT, socket.gethostname(), ()))
        assert found(config, "workers", redis_url=redis.url) == (Verdict.OK, "w, b.")


def test_a_redis_that_is_away_leaves_workers_unknown(config: Config) -> None:
    assert found(config, "workers", redis_url="redis://127.0.0.1:1/0")[0] is Verdict.NOTICE
    assert found(config, "workers", redis_url="nonsense")[0] is Verdict.NOTICE


def test_the_private_redis_is_asked_where_it_runs(config: Config, tmp_path: Path) -> None:
    assert found(config, "workers") == (Verdict.OK, "`mvidarr up` starts one.")
    with redis_server.socket_folder(config.data_dir) as folder, start_redis(tmp_path / "redis") as server:
        (folder / redis_server.SOCKET_NAME).symlink_to(server.socket)
        assert found(config, "workers")[0] is Verdict.NOTICE
