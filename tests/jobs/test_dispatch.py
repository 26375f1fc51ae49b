"""Telling workers and listeners: after the commit, without waiting, and never failing."""

import json
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from redis import Redis as Client
from redis import RedisError

from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.jobs import dispatch as dispatch_module
from fastapi_app.jobs import tickets
from fastapi_app.jobs.dispatch import Dispatch, Nobody
from fastapi_app.jobs.event import CHANNEL, Event, event_of
from fastapi_app.jobs.publishing import Publisher
from fastapi_app.jobs.states import Executor, Queue, State
from fastapi_app.models import now
from tests.jobs.work_rows import Recording, job
from tests.jobs.workers import until
from tests.servers.redis import Redis, start_redis

pytestmark = pytest.mark.anyio

PATIENCE = 30.0


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with start_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def database(config: Config) -> AsyncIterator[Database]:
    made = Database(config)
    yield made
    await made.close()


def threads(name: str) -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name == name}


def event(seq: int, state: State = State.RUNNING) -> Event:
    told = job(1, state, executor="celery", attempts=1, attempt_limit=3, priority=5, cancel_requested=False)
    told.sequence = seq
    return event_of(told, now())


async def test_it_is_told_after_the_commit_and_once(database: Database) -> None:
    told: list[str] = []
    recording = Recording(told)
    async with database.writing() as session:
        row = job(1)
        async with session.begin_nested():
            session.add(row)
        recording.after_commit(session, row)
        async with session.begin_nested():
            row.stage = "a"
        assert told == []
    assert told == ["event 1 queued", "ticket downloads"]


async def test_nothing_is_told_of_what_was_rolled_back(database: Database) -> None:
    told: list[str] = []

    async def refused() -> None:
        async with database.writing() as session:
            row = job(1)
            session.add(row)
            await session.flush()
            Recording(told).after_commit(session, row)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await refused()
    assert told == []


async def test_only_jobs_that_a_worker_may_run_need_a_ticket(database: Database) -> None:
    told: list[str] = []
    recording = Recording(told)
    async with database.writing() as session:
        for row in (job(1, State.CANCELLED), job(2, executor=Executor.LEGACY), job(3, State.RETRYING)):
            session.add(row)
            await session.flush()
            recording.after_commit(session, row)
    assert told == ["event 1 cancelled", "event 2 queued", "event 3 retrying", "ticket downloads"]


def test_tickets_and_events_arrive(redis: Redis) -> None:
    dispatch = Dispatch(redis.url)
    with Client.from_url(redis.url) as client, client.pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(CHANNEL)
        listener.get_message(timeout=PATIENCE)
        dispatch.soon(Queue.MEDIA)
        dispatch.tell(event(7))
        dispatch.close()
        assert client.llen(tickets.key(Queue.MEDIA)) == 1
        message = listener.get_message(timeout=PATIENCE)
        assert message is not None
        assert Event.from_json(json.loads(message["data"])).seq == 7
        client.flushall()


def test_what_waits_while_redis_is_slow_goes_in_few_trips_and_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    trips: list[list[int]] = []
    begun, goes_on = threading.Event(), threading.Event()

    def slowly(_redis: object, messages: Sequence[Event]) -> None:
        begun.set()
        goes_on.wait(PATIENCE)
        trips.append([one.seq for one in messages])
        if len(trips) == 2:
            raise RedisError

    monkeypatch.setattr(dispatch_module, "_publish", slowly)
    dispatch = Dispatch("redis://127.0.0.1:1")
    dispatch.tell(event(0))
    assert begun.wait(PATIENCE)
    for seq in range(1, 251):
        dispatch.tell(event(seq))
    goes_on.set()
    dispatch.close()
    assert [len(trip) for trip in trips] == [1, 100, 100, 50]
    assert [seq for trip in trips for seq in trip] == list(range(251))


def test_a_redis_that_is_away_costs_nobody_time_and_no_thread_stays(tmp_path: Path) -> None:
    dispatch, before = Dispatch(f"unix://{tmp_path}/nothing.sock"), threads("dispatch")
    begun = time.monotonic()
    for _ in range(100):
        dispatch.soon(Queue.MEDIA)
    assert time.monotonic() - begun < 1
    dispatch.close()
    dispatch.soon(Queue.MEDIA)
    assert threads("dispatch") <= before


def test_without_a_redis_no_thread_starts() -> None:
    before = threads("dispatch")
    for messenger in (Dispatch(""), Nobody()):
        messenger.soon(Queue.MEDIA)
        messenger.tell(event(1))
    assert threads("dispatch") <= before


def test_missing_tickets_are_made_and_no_more(redis: Redis) -> None:
    with Client.from_url(redis.url) as client:
        assert tickets.replenish(client, {Queue.MEDIA: 3, Queue.IMAGES: 0}) == 3
        assert tickets.replenish(client, {Queue.MEDIA: 4, Queue.IMAGES: 0}) == 1
        assert client.keys("mvidarr:*") == [b"mvidarr:media"]
        client.flushall()


def test_news_come_at_once_then_the_newest_of_each_quarter_second_and_the_end_last(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[float, int]] = []
    begun = time.monotonic()
    monkeypatch.setattr(
        dispatch_module, "publish_event", lambda _, one: told.append((time.monotonic() - begun, one.seq))
    )
    with Publisher(redis.url, interval=0.5) as publisher:  # long enough to offer one more before it is over
        publisher.offer(event(1))
        until(lambda: bool(told))
        for seq in range(2, 100):
            publisher.offer(event(seq))
        until(lambda: told[-1][1] == 99)
        publisher.offer(event(100))
        publisher.tell(event(101, State.COMPLETED))
    seqs = [seq for _, seq in told]
    assert (seqs[0], seqs[-2:], seqs) == (1, [99, 101], sorted(seqs))
    progress = [moment for moment, _ in told[:-1]]
    assert all(after - before >= 0.49 for before, after in pairwise(progress))


def test_a_publisher_forgives_a_redis_that_is_away(tmp_path: Path) -> None:
    before = threads("progress")
    with Publisher(f"unix://{tmp_path}/nothing.sock") as publisher:
        publisher.offer(event(1))
        publisher.tell(event(2, State.COMPLETED))
    assert threads("progress") <= before
