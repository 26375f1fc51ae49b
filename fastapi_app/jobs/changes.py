"""What people do to jobs and queues: conditional updates in the caller's transaction.

Each answers the rows as they are then. `Dispatch.after_commit` tells about them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.errors import Conflict, NotFound
from fastapi_app.jobs import following
from fastapi_app.jobs.states import ATTEMPT, CLAIMABLE, TERMINAL, Executor, Queue, State
from fastapi_app.jobs.submission import active_key
from fastapi_app.models import Download, Job, JobQueue, now

WAITING = frozenset({*CLAIMABLE, State.PAUSED})
"""States in which nobody works on the job, and somebody may yet."""
BY_PERSON = "user"
"""The cause of a queue that a person paused."""
_AT_ONCE = 500
"""Rows that one statement names."""
_ROUNDS = 3
"""How often a job may change under our hands before we say so."""


async def cancel(session: AsyncSession, job_id: int) -> Job:
    """Cancels a job that waits; asks one that runs to end. Asking again changes nothing.

    Raises NotFound, and Conflict for a job that completed or failed.
    """
    moment = now()
    ended = {**_ended(State.CANCELLED, moment), "cancel_requested": True}
    asked = {"cancel_requested": True, "sequence": Job.sequence + 1}
    return await _first(
        session,
        job_id,
        [(WAITING, ended), ({State.RUNNING}, asked)],
        settled=lambda job: job.state == State.CANCELLED,
        refusal="This job has ended already",
    )


async def pause(session: AsyncSession, job_id: int) -> Job:
    """Lets a job wait for a person; one that runs is asked to. Raises NotFound, and Conflict for one that ended."""
    paused = {"state": State.PAUSED, "sequence": Job.sequence + 1}
    asked = {"pause_requested": True, "sequence": Job.sequence + 1}
    return await _first(
        session,
        job_id,
        [(CLAIMABLE, paused), ({State.RUNNING}, asked)],
        settled=lambda job: job.state == State.PAUSED,
        refusal="This job has ended already",
    )


async def resume(session: AsyncSession, job_id: int) -> Job:
    """Lets a paused job go on. Raises NotFound, and Conflict for one that ended."""
    queued = {"state": State.QUEUED, "due_at": now(), "pause_requested": False, "sequence": Job.sequence + 1}
    kept = {"pause_requested": False, "sequence": Job.sequence + 1}
    return await _first(
        session,
        job_id,
        [({State.PAUSED}, queued), ({State.RUNNING}, kept)],
        settled=lambda job: job.state in CLAIMABLE,
        refusal="This job has ended already",
    )


async def retry(session: AsyncSession, job_id: int, executor: Executor = Executor.CELERY) -> Job:
    """Starts an ended job anew, as if just handed in; one that waits for its next attempt is tried at once.

    Raises NotFound, and Conflict for a job that completed or is under way, or when another one took its place.
    """
    job = await _get(session, job_id)
    moment = now()
    at_once = {"state": State.QUEUED, "due_at": moment, "sequence": Job.sequence + 1}
    try:
        async with session.begin_nested():
            return await _first(
                session,
                job_id,
                [({State.FAILED, State.CANCELLED}, _anew(job, executor, moment)), ({State.RETRYING}, at_once)],
                settled=lambda _: False,
                refusal="This job can't be tried again now",
            )
    except IntegrityError:
        raise Conflict("Such a job is already under way", state=State(job.state)) from None


async def set_priority(session: AsyncSession, job_id: int, priority: int) -> Job:
    """`priority` is 1, the highest, to 10. Raises NotFound, and Conflict for a job that ended."""
    job = await _first(
        session,
        job_id,
        [(set(State) - TERMINAL, {"priority": priority, "sequence": Job.sequence + 1})],
        settled=lambda _: False,
        refusal="This job has ended already",
    )
    if job.download_id is not None:
        await session.execute(update(Download).where(Download.id == job.download_id).values(priority=priority))
    return job


async def reorder(session: AsyncSession, job_ids: Sequence[int]) -> list[Job]:
    """Puts waiting jobs into the order of `job_ids`, on the places that they hold among the others.

    Between jobs of different priority the priority decides. Raises NotFound, and Conflict for a job that isn't waiting.
    """
    wanted = list(dict.fromkeys(job_ids))
    found = {
        job.id: job
        for job in await session.scalars(
            select(Job).where(Job.id.in_(wanted)).execution_options(populate_existing=True)
        )
    }
    for job_id in wanted:
        if job_id not in found:
            raise NotFound("Job not found")
        if found[job_id].state not in WAITING:
            raise Conflict("Only waiting jobs have an order", state=State(found[job_id].state))
    places = positions(sorted(job.position for job in found.values()))
    for job_id, position in zip(wanted, places, strict=True):
        await session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state.in_(WAITING))
            .values(position=position, sequence=Job.sequence + 1)
            .execution_options(synchronize_session=False)
        )
    return [await _get(session, job_id) for job_id in wanted]


async def pause_queue(session: AsyncSession, queue: Queue, reason: str, cause: str = BY_PERSON) -> JobQueue:
    """No job of `queue` is begun until somebody resumes it. `reason` is for people."""
    row = await _queue(session, queue)
    row.paused_at, row.cause, row.reason = row.paused_at or now(), cause, reason[:500]
    await session.flush()
    return row


async def resume_queue(session: AsyncSession, queue: Queue) -> JobQueue:
    row = await _queue(session, queue)
    row.paused_at = row.cause = row.reason = None
    await session.flush()
    return row


async def clear(session: AsyncSession, queue: Queue | None = None) -> list[Job]:
    """Cancels every waiting job of one queue, or of all; answers those jobs."""
    query = select(Job.id).where(Job.state.in_(WAITING))
    if queue is not None:
        query = query.where(Job.queue == queue)
    waiting = (await session.scalars(query.order_by(Job.id))).all()
    cancelled: list[Job] = []
    for start in range(0, len(waiting), _AT_ONCE):
        cancelled += await _cancelled(session, waiting[start : start + _AT_ONCE])
    return cancelled


async def _cancelled(session: AsyncSession, job_ids: Sequence[int]) -> Sequence[Job]:
    """Cancels those that wait still. Their rows are locked first: one that begins meanwhile is not among them."""
    locked = select(Job.id).where(Job.id.in_(job_ids), Job.state.in_(WAITING)).order_by(Job.id).with_for_update()
    held = (await session.scalars(locked)).all()
    values = {**_ended(State.CANCELLED, now()), "cancel_requested": True}
    change = update(Job).where(Job.id.in_(held)).values(values).execution_options(synchronize_session=False)
    await session.execute(change)
    query = select(Job).where(Job.id.in_(held)).order_by(Job.id).execution_options(populate_existing=True)
    jobs = (await session.scalars(query)).all()
    await session.run_sync(following.follow_all, jobs, State.CANCELLED)
    return jobs


def positions(held: Sequence[int]) -> list[int]:
    """Strictly rising places for jobs that hold the sorted places `held`."""
    places: list[int] = []
    for place in held:
        places.append(place if not places else max(place, places[-1] + 1))
    return places


def jumped() -> ColumnElement[int]:
    """A sequence beyond every one that an attempt under way may have told, in memory or in the row."""
    return Job.sequence - Job.sequence % ATTEMPT + ATTEMPT


def _ended(state: State, moment: datetime) -> dict[str, Any]:
    return {"state": state, "active_key": None, "finished_at": moment, "sequence": Job.sequence + 1}


def _anew(job: Job, executor: Executor, moment: datetime) -> dict[str, Any]:
    # `result` stays: what an earlier attempt noted lets the next one finish rather than repeat.
    untold = ("stage", "percent", "speed", "eta", "bytes_done", "bytes_total", "message")
    failed = ("error_class", "error_message", "error_log", "finished_at", "started_at", "heartbeat_at")
    return {
        **dict.fromkeys((*untold, *failed)),
        "state": State.QUEUED,
        "executor": executor,
        "active_key": active_key(job.kind, job.subject),
        "attempts": 0,
        "cancel_requested": False,
        "pause_requested": False,
        "due_at": moment,
        "sequence": jumped(),
    }


async def _first(
    session: AsyncSession,
    job_id: int,
    changes: Sequence[tuple[Any, dict[str, Any]]],
    *,
    settled: Callable[[Job], bool],
    refusal: str,
) -> Job:
    """The first change that finds the job in one of its states. It may go from one to the next while we look."""
    for _ in range(_ROUNDS):
        for states, values in changes:
            if await _changed(session, job_id, states, values):
                return await _shown(session, job_id)
        job = await _get(session, job_id)
        if settled(job):
            return job
        if not any(job.state in states for states, _values in changes):
            break
    raise Conflict(refusal, state=State(job.state))


async def _changed(session: AsyncSession, job_id: int, states: Any, values: dict[str, Any]) -> bool:
    made: Any = await session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(states))
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return bool(made.rowcount)


async def _shown(session: AsyncSession, job_id: int) -> Job:
    """The job, with its row of 0.9 beside it."""
    job = await _get(session, job_id)
    await session.run_sync(following.follow, job)
    return job


async def _get(session: AsyncSession, job_id: int) -> Job:
    job = await session.get(Job, job_id, populate_existing=True)
    if job is None:
        raise NotFound("Job not found")
    return job


async def _queue(session: AsyncSession, queue: Queue) -> JobQueue:
    row = await session.get(JobQueue, queue)
    if row is not None:
        return row
    try:
        async with session.begin_nested():
            made = JobQueue(name=queue)
            session.add(made)
            await session.flush()
    except IntegrityError:
        found = await session.get(JobQueue, queue, populate_existing=True)
        if found is None:
            raise
        return found
    return made
