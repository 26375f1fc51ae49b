"""No news is lost while Redis dies and comes back, none is told twice, and rows that nobody publishes are heard of."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from redis.asyncio import Redis as RedisClient
from sqlalchemy import event as sql_event
from sqlalchemy import update

from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.jobs.event import CHANNEL, Event, event_of, stamp
from fastapi_app.jobs.states import Executor
from fastapi_app.jobs.visibility import View
from fastapi_app.models import Job, now
from fastapi_app.progress import hub
from fastapi_app.progress.hub import Hub
from fastapi_app.progress.news import News
from fastapi_app.progress.sockets import Sockets
from tests.progress.events import an_event
from tests.servers.redis import Redis, start_redis

pytestmark = pytest.mark.anyio

DEADLINE = 10.0


class Ear:
    """A listener that remembers."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.heard: list[News] = []
        self._some = anyio.Event()

    def hear(self, news: News) -> None:
        self.heard.append(news)
        self._some.set()

    def told(self, event: Event) -> None:
        """Answers don't matter here."""

    async def until(self, job_id: int, state: str, within: float = DEADLINE) -> News:
        """Waits until this job is told to be in this state."""
        with anyio.fail_after(within):
            while True:
                for news in self.heard:
                    if (news.event.job_id, news.event.state) == (job_id, state):
                        return news
                self._some = anyio.Event()
                await self._some.wait()


@asynccontextmanager
async def listening(config: Config, **more: Any) -> AsyncIterator[tuple[Hub, Ear, Database]]:
    database = Database(config.model_copy(update=more))
    try:
        async with hub.opened(config.model_copy(update=more), database) as opened:
            ear = Ear(View(5))
            opened.subscriptions.follow_all(ear)
            yield opened, ear, database
    finally:
        await database.close()


async def until(is_so: Callable[[], bool]) -> None:
    with anyio.fail_after(DEADLINE):
        while not is_so():  # noqa: ASYNC110 - asks what no event tells
            await anyio.sleep(0.01)


def row(job_id: int = 7, **columns: Any) -> Job:
    given = {"kind": "download", "subject": f"video {job_id}", "queue": "downloads", "state": "queued", "payload": {}}
    return Job(id=job_id, **{**given, "user_id": None, **columns})


async def changed(database: Database, job_id: int, **columns: Any) -> Event:
    async with database.writing() as session:
        change = update(Job).where(Job.id == job_id).values(sequence=Job.sequence + 1, updated_at=now(), **columns)
        await session.execute(change)
    async with database.reading() as session:
        return event_of(await session.get_one(Job, job_id), now())


async def publish(redis: Redis, *events: Event) -> None:
    async with RedisClient.from_url(redis.url) as client:
        for event in events:
            await client.publish(CHANNEL, json.dumps(event.to_json()))


async def test_an_event_is_told_once_whichever_ways_it_took(
    config: Config, rows: Callable[..., None], tmp_path: Path
) -> None:
    rows(row())
    with start_redis(tmp_path / "r") as redis:
        async with listening(config, redis_url=redis.url) as (opened, ear, database):
            await until(lambda: opened.connected)
            event = await changed(database, 7, state="running")
            await publish(redis, event, event)
            await ear.until(7, "running")
            await opened.look(None)
            await publish(redis, replace(event, seq=event.seq - 1, state="queued"))
            done = await changed(database, 7, state="completed")
            await publish(redis, done)
            await ear.until(7, "completed")
            told = [news.event.seq for news in ear.heard]
            assert told == sorted(set(told))


async def test_redis_dies_in_the_middle_and_comes_back_and_nothing_that_ended_is_missed(
    config: Config, rows: Callable[..., None], tmp_path: Path
) -> None:
    rows(row(7), row(8), row(9))
    with start_redis(tmp_path / "r") as redis:
        async with listening(config, redis_url=redis.url) as (opened, ear, database):
            await until(lambda: opened.connected)
            await publish(redis, await changed(database, 7, state="running"))
            await ear.until(7, "running")
            redis.kill()
            await changed(database, 7, state="completed")
            began = anyio.current_time()
            await ear.until(7, "completed")
            assert anyio.current_time() - began < 2.0
            assert not opened.connected
            with start_redis(tmp_path / "r") as again:
                await changed(database, 8, state="failed")
                await until(lambda: opened.connected)
                await ear.until(8, "failed")
                await publish(again, await changed(database, 9, state="running"))
                await ear.until(9, "running")


async def test_a_worker_that_lost_its_redis_is_heard_of_all_the_same(
    config: Config, rows: Callable[..., None], tmp_path: Path
) -> None:
    rows(row())
    with start_redis(tmp_path / "r") as redis:
        async with listening(config, redis_url=redis.url) as (opened, ear, database):
            await until(lambda: opened.connected)
            await changed(database, 7, state="failed")
            await ear.until(7, "failed")


async def test_rows_of_the_legacy_side_are_heard_of_within_two_seconds(
    config: Config, rows: Callable[..., None], tmp_path: Path
) -> None:
    rows(row(executor="legacy"))
    with start_redis(tmp_path / "r") as redis:
        async with listening(config, redis_url=redis.url) as (opened, ear, database):
            await until(lambda: opened.connected)
            for percent in (10.0, 20.0):
                await changed(database, 7, state="running", percent=percent)
                began = anyio.current_time()
                await until(lambda percent=percent: any(news.event.percent == percent for news in ear.heard))  # type: ignore[misc]
                assert anyio.current_time() - began < 2.0


async def test_without_a_redis_the_rows_are_enough(config: Config, rows: Callable[..., None]) -> None:
    rows(row())
    async with listening(config) as (opened, ear, database):
        await changed(database, 7, state="running")
        await ear.until(7, "running")
        assert not opened.connected


async def test_who_comes_is_not_told_what_ended_before(config: Config, rows: Callable[..., None]) -> None:
    rows(row(7, state="completed"), row(8), row(9))
    database = Database(config)
    opened = Hub(database, "", Sockets(2, 1))
    first, second = Ear(View(5)), Ear(View(5))
    try:
        await opened.follow_all(first)
        await changed(database, 8, state="failed")
        await opened.follow_all(second)
        await changed(database, 9, state="failed")
        await opened.look(None)
        assert [news.event.job_id for news in first.heard] == [8, 9]
        assert [news.event.job_id for news in second.heard] == [9]
    finally:
        await database.close()


async def test_while_nobody_listens_the_database_is_not_asked(config: Config) -> None:
    database = Database(config)
    asked: list[str] = []
    sql_event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    async with hub.opened(config, database):
        await anyio.sleep(1.5 * hub.TICK)
    assert asked == []
    await database.close()


async def test_nonsense_on_the_channel_is_skipped(config: Config, tmp_path: Path) -> None:
    with start_redis(tmp_path / "r") as redis:
        async with listening(config, redis_url=redis.url) as (opened, ear, _database):
            await until(lambda: opened.connected)
            async with RedisClient.from_url(redis.url) as client:
                for nonsense in (b"", b"\xff", b"[]", b"5", b"{}", b'{"job_id": 7}'):
                    await client.publish(CHANNEL, nonsense)
            await publish(redis, an_event(7, 1, "completed"))
            await ear.until(7, "completed")
            assert len(ear.heard) == 1


async def test_rows_read_for_one_are_news_for_others(config: Config) -> None:
    database = Database(config)
    moment = now()
    opened = Hub(database, "", Sockets(1, 1), lambda: moment)
    asker, other = Ear(View(5)), Ear(View(5))
    for ear in (asker, other):
        opened.subscriptions.follow_all(ear)
    for _ in range(2):
        opened.learn([an_event(7, 3, "completed", ts=stamp(moment))], asker)
    long_ago = stamp(moment - hub.OVERLAP - timedelta(seconds=1))
    opened.learn([an_event(8, 3, "running", ts=long_ago)], asker)
    assert [news.event.job_id for news in other.heard] == [7], "what was written before anybody listened is no news"
    opened.learn([an_event(8, 4, "completed", ts=long_ago)], asker)
    assert [news.event.seq for news in other.heard] == [3, 4]
    assert asker.heard == []
    await database.close()


async def test_a_text_is_written_once_for_all(config: Config) -> None:
    database = Database(config)
    opened = Hub(database, "", Sockets(1, 1))
    ears = [Ear(View(5)) for _ in range(100)]
    for ear in ears:
        opened.subscriptions.follow_all(ear)
    opened.hear(an_event())
    texts = {id(ear.heard[0].message) for ear in ears}
    packets = {id(ear.heard[0].packet) for ear in ears}
    assert len(texts) == len(packets) == 1
    await database.close()


async def test_a_database_that_is_away_for_a_while_hides_nothing(
    config: Config, rows: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(row())
    database = Database(config)
    opened = Hub(database, "", Sockets(1, 1))
    ear = Ear(View(5))
    opened.subscriptions.follow_all(ear)
    moment = now()
    try:
        opened._clock = lambda: moment
        await opened.look(None)
        async with database.writing() as session:
            ended = {"state": "completed", "sequence": 9, "updated_at": moment}
            await session.execute(update(Job).where(Job.id == 7).values(**ended))
        later = moment + timedelta(days=365)
        opened._clock = lambda: later
        await opened.look(Executor.LEGACY)
        await opened.look(None)
        await ear.until(7, "completed", within=1.0)
    finally:
        await database.close()
