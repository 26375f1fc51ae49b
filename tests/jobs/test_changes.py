"""What people do to jobs and queues, in every state, and twice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.jobs import changes
from fastapi_app.jobs.states import Executor, Queue, State
from fastapi_app.models import Artist, Download, Job, JobQueue, Video
from tests.jobs.work_rows import job

pytestmark = pytest.mark.anyio

LONG = range(1, 41)

Change = Callable[[AsyncSession, int], Coroutine[Any, Any, Job]]
ENDED = {"attempts": 2, "error_class": "gone", "error_message": "Gone", "error_log": "lines", "sequence": 2_000_007}


@pytest.fixture
async def database(config: Config) -> AsyncIterator[Database]:
    made = Database(config)
    yield made
    await made.close()


async def stored(database: Database, *rows: Any) -> None:
    async with database.writing() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def changed(database: Database, change: Change, job_id: int = 1) -> Job:
    async with database.writing() as session:
        return await change(session, job_id)


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (changes.cancel, State.QUEUED, State.CANCELLED),
        (changes.cancel, State.RETRYING, State.CANCELLED),
        (changes.cancel, State.PAUSED, State.CANCELLED),
        (changes.cancel, State.RUNNING, State.RUNNING),
        (changes.cancel, State.CANCELLED, State.CANCELLED),
        (changes.cancel, State.COMPLETED, None),
        (changes.cancel, State.FAILED, None),
        (changes.pause, State.QUEUED, State.PAUSED),
        (changes.pause, State.RETRYING, State.PAUSED),
        (changes.pause, State.RUNNING, State.RUNNING),
        (changes.pause, State.PAUSED, State.PAUSED),
        (changes.pause, State.COMPLETED, None),
        (changes.pause, State.CANCELLED, None),
        (changes.resume, State.PAUSED, State.QUEUED),
        (changes.resume, State.QUEUED, State.QUEUED),
        (changes.resume, State.RETRYING, State.RETRYING),
        (changes.resume, State.RUNNING, State.RUNNING),
        (changes.resume, State.FAILED, None),
        (changes.retry, State.FAILED, State.QUEUED),
        (changes.retry, State.CANCELLED, State.QUEUED),
        (changes.retry, State.RETRYING, State.QUEUED),
        (changes.retry, State.COMPLETED, None),
        (changes.retry, State.RUNNING, None),
        (changes.retry, State.QUEUED, None),
        (changes.retry, State.PAUSED, None),
    ],
)
async def test_every_change_in_every_state_and_twice(
    database: Database, change: Change, before: State, after: State | None
) -> None:
    await stored(database, job(1, before, **ENDED))
    if after is None:
        with pytest.raises(Conflict) as refused:
            await changed(database, change)
        assert refused.value.more == {"state": before}
        return
    once = await changed(database, change)
    assert once.state == after
    assert once.sequence > ENDED["sequence"] or before == after  # type: ignore[operator]
    if change is not changes.retry:
        again = await changed(database, change)
        assert (again.state, again.cancel_requested, again.pause_requested) == (
            after,
            once.cancel_requested,
            once.pause_requested,
        )


@pytest.mark.parametrize("change", [changes.cancel, changes.pause, changes.resume, changes.retry])
async def test_no_such_job(database: Database, change: Change) -> None:
    with pytest.raises(NotFound):
        await changed(database, change, 99)


async def test_a_running_job_is_asked(database: Database) -> None:
    await stored(database, job(1, State.RUNNING))
    assert (await changed(database, changes.pause)).pause_requested
    assert not (await changed(database, changes.resume)).pause_requested
    assert (await changed(database, changes.cancel)).cancel_requested


async def test_a_cancelled_job_makes_room_for_another(database: Database) -> None:
    await stored(database, job(1, State.PAUSED))
    ended = await changed(database, changes.cancel)
    assert ended.active_key is None
    assert ended.finished_at is not None


async def test_a_retry_starts_as_if_just_handed_in_and_keeps_what_was_noted(database: Database) -> None:
    await stored(database, job(1, State.FAILED, result={"plan": 1}, cancel_requested=True, **ENDED))
    async with database.writing() as session:
        anew = await changes.retry(session, 1, Executor.LEGACY)
    assert (anew.attempts, anew.error_class, anew.error_message, anew.error_log) == (0, None, None, None)
    assert (anew.cancel_requested, anew.finished_at, anew.active_key) == (False, None, "download video 1")
    assert (anew.sequence, anew.result, anew.executor) == (3_000_000, {"plan": 1}, Executor.LEGACY)


async def test_a_retry_does_not_join_another_job_of_the_same_subject(database: Database) -> None:
    await stored(database, job(1, State.FAILED, subject="video 7"), job(2, subject="video 7"))
    with pytest.raises(Conflict, match="already under way"):
        await changed(database, changes.retry)
    async with database.reading() as session:
        assert (await session.get_one(Job, 1)).state == State.FAILED


async def test_the_row_of_0_9_follows(database: Database) -> None:
    download = Download(id=5, artist_id=1, title="Glass Harbor", original_url="http://example.org", status="pending")
    await stored(database, Artist(id=1, name="Nova Kestrel"), download, job(1, download_id=5))

    async def row() -> tuple[str | None, int | None]:
        async with database.reading() as session:
            found = await session.get_one(Download, 5)
            return found.status, found.priority

    for change, status in (
        (changes.pause, "paused"),
        (changes.resume, "pending"),
        (changes.cancel, "stopped"),
        (changes.retry, "pending"),
    ):
        await changed(database, change)
        assert (await row())[0] == status
    async with database.writing() as session:
        await changes.set_priority(session, 1, 2)
    assert await row() == ("pending", 2)


async def test_a_new_order_uses_the_places_that_were_held(database: Database) -> None:
    await stored(database, *(job(number) for number in range(1, 6)))
    async with database.writing() as session:
        await changes.reorder(session, [4, 2, 3])
    async with database.reading() as session:
        order = (await session.scalars(select(Job.id).order_by(Job.position))).all()
    assert list(order) == [1, 4, 2, 3, 5]


@pytest.mark.parametrize(("ids", "refusal"), [([1, 9], NotFound), ([1, 2], Conflict)])
async def test_an_order_of_others_changes_nothing(database: Database, ids: list[int], refusal: type[Exception]) -> None:
    await stored(database, job(1), job(2, State.RUNNING))
    with pytest.raises(refusal):
        async with database.writing() as session:
            await changes.reorder(session, ids)


async def test_a_queue_is_paused_once_and_resumed(database: Database) -> None:
    for reason in ("Because", "Because of another thing"):
        async with database.writing() as session:
            await changes.pause_queue(session, Queue.DOWNLOADS, reason)
    async with database.reading() as session:
        paused = await session.get_one(JobQueue, Queue.DOWNLOADS)
        assert (paused.paused_at is not None, paused.cause, paused.reason) == (
            True,
            "user",
            "Because of another thing",
        )
    async with database.writing() as session:
        resumed = await changes.resume_queue(session, Queue.DOWNLOADS)
    assert (resumed.paused_at, resumed.cause, resumed.reason) == (None, None, None)


async def test_clearing_cancels_what_waits_in_one_queue_only(database: Database) -> None:
    await stored(
        database, job(1), job(2, State.PAUSED), job(3, State.RUNNING), job(4, State.COMPLETED), job(5, queue="media")
    )
    async with database.writing() as session:
        assert [one.id for one in await changes.clear(session, Queue.DOWNLOADS)] == [1, 2]
    async with database.writing() as session:
        assert [one.id for one in await changes.clear(session)] == [5]


async def test_a_long_queue_is_cleared_with_a_few_statements(database: Database) -> None:
    await stored(database, Artist(id=1, name="Nova Kestrel"), *(Video(id=n, artist_id=1, title="A") for n in LONG))
    await stored(database, *(Download(id=n, artist_id=1, title="A", original_url="", status="pending") for n in LONG))
    await stored(database, *(job(n, download_id=n) for n in LONG))
    asked: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    async with database.writing() as session:
        cleared = await changes.clear(session, Queue.DOWNLOADS)
    assert {(one.state, one.active_key) for one in cleared} == {(State.CANCELLED, None)}
    assert len(cleared) == len(LONG)
    assert len(asked) < 15
    async with database.reading() as session:
        assert set(await session.scalars(select(Download.status))) == {"stopped"}


@pytest.mark.mariadb
async def test_many_who_cancel_at_once_all_hear_the_same(config: Config, mariadb: Any) -> None:
    from fastapi_app.database import blocking_engine
    from fastapi_app.schema import upgrade

    told = config.model_copy(update={"database_url": mariadb.create_database("changes")})
    engine = await asyncio.to_thread(blocking_engine, told)
    await asyncio.to_thread(upgrade, engine)
    await asyncio.to_thread(engine.dispose)
    database = Database(told)
    try:
        await stored(database, job(1))
        answers = await asyncio.gather(*(changed(database, changes.cancel) for _ in range(8)))
        assert {answer.state for answer in answers} == {State.CANCELLED}
        anew = await asyncio.gather(*(changed(database, changes.retry) for _ in range(4)), return_exceptions=True)
        assert sorted(type(one).__name__ for one in anew) == ["Conflict"] * 3 + ["Job"]
    finally:
        await database.close()
        await asyncio.to_thread(mariadb.drop_database, "changes")
