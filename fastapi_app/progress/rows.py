"""Jobs as rows, read for those who listen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from fastapi_app.jobs.event import Event, event_of
from fastapi_app.jobs.states import TERMINAL, Executor, State
from fastapi_app.jobs.visibility import View
from fastapi_app.models import Job

MOST_ACTIVE = 1_000
_CHUNK = 500
_ACTIVE = tuple(state for state in State if state not in TERMINAL)
_LIGHT = (defer(Job.error_log), defer(Job.result))
"""Long texts that no event carries stay in the database."""


@dataclass(frozen=True)
class Active:
    """Jobs under way, in the order in which they run; `total` counts those that are left out, too."""

    jobs: list[Event]
    total: int


async def changed(session: AsyncSession, since: datetime, executor: Executor | None) -> Sequence[tuple[int, int]]:
    """Ids and sequences of jobs written at `since` (naive UTC) or later; of one executor, or of all."""
    query = select(Job.id, Job.sequence).where(Job.updated_at >= since)
    if executor is not None:
        query = query.where(Job.executor == executor)
    return [(row.id, row.sequence) for row in await session.execute(query)]


async def events(session: AsyncSession, ids: Iterable[int]) -> list[Event]:
    """These jobs as they are, oldest change first. Those that are gone are left out."""
    found: list[Event] = []
    for some in _chunks(ids):
        query = select(Job).where(Job.id.in_(some)).options(*_LIGHT)
        found += [told(job) for job in await session.scalars(query)]
    return sorted(found, key=lambda event: (event.ts, event.job_id))


async def event(session: AsyncSession, job_id: int, view: View) -> Event | None:
    """One job, or None where there is none that `view` shows."""
    query = select(Job).where(Job.id == job_id, view.condition()).options(*_LIGHT)
    job = await session.scalar(query)
    return None if job is None else told(job)


async def active(session: AsyncSession, view: View, most: int = MOST_ACTIVE) -> Active:
    """The jobs under way that `view` shows."""
    which = (Job.state.in_(_ACTIVE), view.condition())
    order = (Job.state != State.RUNNING, Job.priority, Job.position, Job.id)
    query = select(Job).where(*which).options(*_LIGHT).order_by(*order).limit(most)
    jobs = [told(job) for job in await session.scalars(query)]
    total = len(jobs)
    if total == most:
        total = await session.scalar(select(func.count()).select_from(Job).where(*which)) or 0
    return Active(jobs, total)


async def shown(session: AsyncSession, view: View, limit: int, state: State | None) -> Active:
    """The latest jobs that `view` shows, in any state or in one."""
    which: list[Any] = [view.condition(), *([] if state is None else [Job.state == state])]
    query = select(Job).where(*which).options(*_LIGHT).order_by(Job.id.desc()).limit(limit)
    jobs = [told(job) for job in await session.scalars(query)]
    total = await session.scalar(select(func.count()).select_from(Job).where(*which)) or 0
    return Active(jobs, total)


def told(job: Job) -> Event:
    """What there is to tell about a row, at the moment when it was written."""
    return event_of(job, job.updated_at)


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    rest = list(ids)
    return (rest[start : start + _CHUNK] for start in range(0, len(rest), _CHUNK))
