"""Queues and what works on them: pausing is for those who configure, and a missing worker is told, never hidden."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from redis import Redis as Connection

from fastapi_app.config import Config
from fastapi_app.jobs import presence, tickets
from fastapi_app.jobs.presence import Presence, Role
from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import JobQueue, UserRole, now
from tests.fastapi_app.conftest import Client, as_json, connected
from tests.fastapi_app.library import CREATED, log_in, user
from tests.jobs.work_rows import Recording, job
from tests.servers.redis import Redis, start_redis

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

JOBS = "/api/jobs"
QUEUES = f"{JOBS}/queues"
REASONS: list[Any] = [7, [], "a" * 501, "\0", "\ud800", True]
"""None of them is one."""
WORKER = Presence("host:1", Role.WORKER, socket.gethostname(), tuple(Queue))
BEAT = Presence("beat host:2", Role.BEAT, socket.gethostname(), ())


@pytest.fixture
async def boss(client: Client, rows: Rows) -> Client:
    rows(user(1, "boss", UserRole.ADMIN), user(2, "chief", UserRole.MANAGER), user(3, "anna"))
    client.state["jobs"] = Recording()
    await log_in(client, "boss")
    return client


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with start_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


async def queue(client: Client, name: str) -> dict[str, object]:
    found: list[dict[str, object]] = (await client.get(QUEUES)).json()["queues"]
    return next(one for one in found if one["queue"] == name)


async def test_a_queue_is_paused_and_goes_on(boss: Client, rows: Rows) -> None:
    rows(job(1), job(2, due_at=now() - timedelta(seconds=90)), job(3, State.RUNNING), job(4, State.COMPLETED))
    told = (await boss.post(f"{QUEUES}/downloads/pause", json={"reason": " The disk is being changed "})).json()
    assert told == {"success": True, "queue": "downloads", "paused": True, "reason": "The disk is being changed"}
    found = await queue(boss, "downloads")
    assert (found["paused"], found["cause"], found["reason"]) == (True, "user", "The disk is being changed")
    jobs = dict.fromkeys(map(str, State), 0) | {"queued": 2, "running": 1, "completed": 1}
    assert (found["waiting"], found["jobs"]) == (2, jobs)
    assert found["oldest_waiting_seconds"] == pytest.approx((now() - CREATED).total_seconds(), abs=5)
    assert (await queue(boss, "metadata"))["paused"] is False
    assert (await boss.post(f"{QUEUES}/downloads/resume")).json()["paused"] is False
    assert boss.state["jobs"].order == ["ticket downloads"]
    assert (await queue(boss, "downloads"))["reason"] is None


async def test_pausing_needs_no_body_and_refuses_a_bad_one(boss: Client) -> None:
    assert (await boss.post(f"{QUEUES}/media/pause")).json()["reason"] == "Paused by hand"
    assert (await boss.post(f"{QUEUES}/media/pause", json={})).json()["reason"] == "Paused by hand"
    for reason in REASONS:
        answer = await boss.post(f"{QUEUES}/images/pause", **as_json({"reason": reason}))
        assert (answer.status_code, answer.json()["error"].split()[0]) == (400, "reason"), reason
    assert (await boss.post(f"{QUEUES}/images/pause", json=["x"])).status_code == 400
    assert (await boss.post(f"{QUEUES}/images/pause", content="x")).status_code == 415
    assert (await queue(boss, "images"))["paused"] is False


async def test_a_cleared_queue_cancels_what_waits_and_lets_run_what_runs(boss: Client, rows: Rows) -> None:
    rows(job(1), job(2, State.RETRYING, user_id=3), job(3, State.RUNNING), job(4, queue=Queue.MEDIA))
    answer = await boss.post(f"{QUEUES}/downloads/clear")
    assert answer.json() == {"success": True, "queue": "downloads", "cancelled": 2}
    assert boss.state["jobs"].order == ["event 1 cancelled", "event 2 cancelled"]
    states = [found["state"] for found in (await boss.get(JOBS)).json()["jobs"]]
    assert states == ["queued", "running", "cancelled", "cancelled"]


@pytest.mark.parametrize("verb", ["pause", "resume", "clear"])
async def test_queues_are_for_those_who_configure(boss: Client, verb: str) -> None:
    assert (await boss.post(f"{QUEUES}/cooking/{verb}")).status_code == 404
    assert (await boss.post(f"{QUEUES}/DOWNLOADS/{verb}")).status_code == 404
    foreign = {"origin": "https://evil.example.com", "sec-fetch-site": "cross-site"}
    assert (await boss.post(f"{QUEUES}/downloads/{verb}", headers=foreign)).status_code == 403
    for name in ("chief", "anna"):
        await log_in(boss, name)
        assert (await boss.post(f"{QUEUES}/downloads/{verb}")).status_code == 403
    boss.cookies.clear()
    assert (await boss.post(f"{QUEUES}/downloads/{verb}")).status_code == 401


async def codes(client: Client) -> list[str]:
    answer = await client.get(f"{JOBS}/health")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["status"] == ("degraded" if told["findings"] else "healthy")
    return [finding["code"] for finding in told["findings"]]


async def test_without_a_redis_only_jobs_that_wait_are_a_finding(boss: Client, rows: Rows) -> None:
    assert await codes(boss) == []
    assert (await boss.get("/readyz")).json() == {"status": "ready"}
    rows(job(1))
    boss.state["watch"]._until = 0.0
    assert await codes(boss) == ["redis-not-configured"]


async def test_a_missing_worker_is_told_and_pages_are_served(config: Config, rows: Rows, redis: Redis) -> None:
    rows(user(1, "boss", UserRole.ADMIN), job(1), JobQueue(name=Queue.MEDIA, paused_at=now(), cause="disk-full"))
    with Connection.from_url(redis.url) as connection:
        connection.flushall()
    async with connected(config.model_copy(update={"redis_url": redis.url, "flood_limit": 0})) as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            200,
            {"status": "ready", "degraded": ["no-worker", "paused-media"]},
        )
        await log_in(client, "boss")
        await told(redis, replace(WORKER, queues=(Queue.METADATA,)))
        client.state["watch"]._until = 0.0
        assert await codes(client) == ["no-worker-downloads", "no-beat", "paused-media"]
        await told(redis, WORKER, BEAT)
        client.state["watch"]._until = 0.0
        body = (await client.get(f"{JOBS}/health")).json()
        assert [finding["code"] for finding in body["findings"]] == ["paused-media"]
        assert (body["redis"], body["waiting"]) == ("answers", 1)
        assert [(one["name"], one["alive"]) for one in body["processes"]] == [("beat host:2", True), ("host:1", True)]
        assert next(one for one in body["queues"] if one["queue"] == "downloads")["tickets"] == 1
        metrics = (await client.get("/metrics")).text
    for line in (
        'mvidarr_jobs{queue="downloads",state="queued"} 1.0',
        'mvidarr_jobs_waiting{queue="downloads"} 1.0',
        'mvidarr_job_queue_paused{queue="media"} 1.0',
        'mvidarr_job_queue_paused{queue="downloads"} 0.0',
        'mvidarr_job_processes{role="worker"} 1.0',
        'mvidarr_job_processes{role="beat"} 1.0',
        "mvidarr_job_redis_up 1.0",
    ):
        assert f"\n{line}\n" in metrics, line


async def test_a_redis_that_is_away_is_told_at_once(config: Config, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN), job(1))
    away = config.model_copy(update={"redis_url": "redis://127.0.0.1:1/0", "flood_limit": 0})
    with anyio.fail_after(10):
        async with connected(away) as client:
            assert (await client.get("/readyz")).json() == {"status": "ready", "degraded": ["redis-away"]}
            assert "\nmvidarr_job_redis_up 0.0\n" in (await client.get("/metrics")).text


async def test_those_who_ask_often_are_told_the_same_for_a_while(boss: Client) -> None:
    await boss.get("/readyz")
    boss.queries.clear()
    for _ in range(5):
        await boss.get("/metrics")
    assert boss.queries == []


async def test_without_a_database_there_is_nothing_about_jobs_and_no_error(config: Config) -> None:
    away = config.model_copy(update={"database_url": "mysql://nobody:x@127.0.0.1:1/none"})
    async with connected(away) as client:
        answer = await client.get("/metrics")
        assert (answer.status_code, "mvidarr_jobs_waiting" in answer.text) == (200, False)
        assert (await client.get("/readyz")).status_code == 503


async def told(redis: Redis, *processes: Presence) -> None:
    """As workers do, in a thread: the test's loop must not wait."""

    def announce() -> None:
        with Connection.from_url(redis.url) as connection:
            for process in processes:
                presence.announce(connection, process)
            connection.delete(tickets.key(Queue.DOWNLOADS))
            tickets.publish(connection, Queue.DOWNLOADS)

    await anyio.to_thread.run_sync(announce)


def test_who_is_silent_is_not_alive_and_is_forgotten_after_an_hour(redis: Redis) -> None:
    with Connection.from_url(redis.url, decode_responses=True) as connection:
        connection.flushall()
        moment = connection.time()[0]
        said = {"role": "worker", "host": "h", "queues": ["media"]}
        connection.hset(presence.KEY, "old", json.dumps({**said, "at": moment - 4000}))
        connection.hset(presence.KEY, "dead", json.dumps({**said, "at": moment - 16}))
        connection.hset(presence.KEY, "odd", "not JSON")
        presence.announce(connection, WORKER)
        assert [(one.name, one.alive) for one in presence.seen_now(connection)] == [("dead", False), ("host:1", True)]
        presence.leave(connection, WORKER.name)
        assert [one.name for one in presence.seen_now(connection)] == ["dead"]


def test_a_container_asks_whether_its_own_worker_is_there(redis: Redis, tmp_path: Path) -> None:
    with Connection.from_url(redis.url) as connection:
        connection.flushall()
        assert presence._here(Role.WORKER, redis.url) is False
        presence.announce(connection, replace(WORKER, host="elsewhere"))
        assert presence._here(Role.WORKER, redis.url) is False
        presence.announce(connection, WORKER)
        assert presence._here(Role.WORKER, redis.url) is True
        assert presence._here(Role.BEAT, redis.url) is False
    assert presence._here(Role.WORKER, "") is False
    assert presence._here(Role.WORKER, f"unix://{tmp_path}/none.sock") is False
