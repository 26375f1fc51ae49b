"""The SQL of the downloads page: how many, and the first of each group; history a page at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from fastapi_app.jobs.states import TERMINAL, Queue, State
from fastapi_app.jobs.visibility import View
from fastapi_app.models import Job, JobQueue
from fastapi_app.pages.downloads.groups import STATES, Group
from fastapi_app.pages.paging import Paging

QUEUE = Queue.DOWNLOADS

JOB_COLUMNS = (
    Job.id,
    Job.state,
    Job.subject,
    Job.payload,
    Job.priority,
    Job.percent,
    Job.bytes_done,
    Job.bytes_total,
    Job.speed,
    Job.eta,
    Job.stage,
    Job.message,
    Job.attempts,
    Job.attempt_limit,
    Job.cancel_requested,
    Job.error_message,
    Job.error_log,
    Job.finished_at,
)
_LATEST = (Job.finished_at.desc(), Job.id.desc())
_ORDERS: Mapping[Group, tuple[Any, ...]] = {
    Group.RUNNING: (Job.started_at, Job.id),
    Group.WAITING: (Job.priority, Job.position, Job.id),
    Group.FAILED: _LATEST,
    Group.DONE: _LATEST,
}


async def counts(session: AsyncSession, view: View, since: datetime) -> dict[Group, int]:
    """How many jobs are in each group; those done, since a moment (naive UTC)."""
    which = (Job.queue == QUEUE, view.condition(), _shown(since))
    query = select(Job.state, func.count(Job.id).label("number")).where(*which).group_by(Job.state)
    by_state: dict[str, int] = {row.state: row.number for row in await session.execute(query)}
    return {group: sum(by_state.get(state, 0) for state in states) for group, states in STATES.items()}


async def first(session: AsyncSession, view: View, group: Group, since: datetime, most: int) -> Sequence[Job]:
    """The jobs that stand on top of a group."""
    which = [Job.queue == QUEUE, Job.state.in_(STATES[group]), view.condition()]
    if group is Group.DONE:
        which.append(_shown(since))
    query = select(Job).options(load_only(*JOB_COLUMNS)).where(*which).order_by(*_ORDERS[group]).limit(most)
    return (await session.scalars(query)).all()


async def ended(session: AsyncSession, view: View, state: State | None) -> int:
    """How many jobs have ended, in one way or in any."""
    return await session.scalar(select(func.count(Job.id)).where(*_ended(view, state))) or 0


async def history(session: AsyncSession, view: View, state: State | None, paging: Paging) -> Sequence[Job]:
    """One page of what has ended, the latest first."""
    query = select(Job).options(load_only(*JOB_COLUMNS)).where(*_ended(view, state)).order_by(*_LATEST)
    return (await session.scalars(query.limit(paging.size).offset(paging.offset))).all()


async def paused(session: AsyncSession) -> JobQueue | None:
    """The queue's row while it is paused."""
    row = await session.get(JobQueue, QUEUE)
    return row if row is not None and row.paused_at is not None else None


async def failed_ids(session: AsyncSession, view: View, most: int) -> Sequence[int]:
    """Which jobs failed, the earliest first."""
    query = select(Job.id).where(Job.queue == QUEUE, Job.state == State.FAILED, view.condition())
    return (await session.scalars(query.order_by(Job.id).limit(most))).all()


def _shown(since: datetime) -> ColumnElement[bool]:
    return or_(Job.state.not_in(STATES[Group.DONE]), Job.finished_at >= since)


def _ended(view: View, state: State | None) -> tuple[ColumnElement[bool], ...]:
    wanted = Job.state.in_(sorted(TERMINAL)) if state is None else Job.state == state
    return (Job.queue == QUEUE, wanted, view.condition())


async def forget(session: AsyncSession, group: Group) -> int:
    """Deletes the rows of a group that has ended; answers how many."""
    made: Any = await session.execute(delete(Job).where(Job.queue == QUEUE, Job.state.in_(STATES[group])))
    return int(made.rowcount)
