"""Jobs as rows."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from fastapi_app.database import rows_changed
from fastapi_app.errors import NotFound
from fastapi_app.jobs.rules import Cursor, Wanted
from fastapi_app.jobs.states import CLAIMABLE, TERMINAL, Executor, State
from fastapi_app.jobs.visibility import View
from fastapi_app.models import INTEGER_MAX, Job, JobQueue
from fastapi_app.transaction import Record

NOT_FOUND = "Job not found"


async def one(session: AsyncSession, view: View, job_id: int) -> Job:
    """A job with everything about it. Raises NotFound, for one that the view does not show too."""
    found = await session.get(Job, job_id) if job_id <= INTEGER_MAX else None
    if found is None or not view.shows(found.user_id):
        raise NotFound(NOT_FOUND)
    return found


async def listed(session: AsyncSession, view: View, wanted: Wanted) -> Sequence[Job]:
    """A part of the list, the newest first."""
    query = _short().where(*_matching(view, wanted))
    if wanted.before is not None:
        query = query.where(Job.id < wanted.before)
    return (await session.scalars(query.order_by(Job.id.desc()).limit(wanted.limit))).all()


async def count(session: AsyncSession, view: View, wanted: Wanted) -> int:
    """How many there are, on all pages."""
    return await session.scalar(select(func.count(Job.id)).where(*_matching(view, wanted))) or 0


async def under_way(session: AsyncSession, view: View, limit: int) -> Sequence[Job]:
    """Jobs that have not ended, the oldest first."""
    query = _short().where(view.condition(), Job.state.not_in(TERMINAL)).order_by(Job.id)
    return (await session.scalars(query.limit(limit))).all()


async def changed(session: AsyncSession, view: View, since: Cursor, limit: int) -> Sequence[Job]:
    """Jobs that changed after the cursor, the longest unchanged first."""
    later = or_(Job.updated_at > since.moment, and_(Job.updated_at == since.moment, Job.id > since.after))
    query = _short().where(view.condition(), later).order_by(Job.updated_at, Job.id)
    return (await session.scalars(query.limit(limit))).all()


async def visible_ids(session: AsyncSession, view: View, ids: Collection[int]) -> set[int]:
    """Those of `ids` that there are, and that the view shows."""
    return set(await session.scalars(select(Job.id).where(Job.id.in_(ids), view.condition())))


async def failed_ids(session: AsyncSession, view: View, limit: int) -> Sequence[int]:
    """Jobs that failed, the newest first."""
    query = select(Job.id).where(view.condition(), Job.state == State.FAILED).order_by(Job.id.desc())
    return (await session.scalars(query.limit(limit))).all()


async def count_failed(session: AsyncSession, view: View) -> int:
    return await session.scalar(select(func.count(Job.id)).where(view.condition(), Job.state == State.FAILED)) or 0


async def forget(session: AsyncSession, view: View, states: Collection[State]) -> int:
    """Removes ended jobs that the view shows. Gives their number."""
    gone = delete(Job).where(view.condition(), Job.state.in_(states)).execution_options(synchronize_session=False)
    return rows_changed(await session.execute(gone))


async def tallies(session: AsyncSession, view: View) -> Sequence[Record]:
    """Numbers of jobs by `kind`, `queue` and `state`, as `jobs`."""
    query = select(Job.kind, Job.queue, Job.state, func.count().label("jobs")).where(view.condition())
    return (await session.execute(query.group_by(Job.kind, Job.queue, Job.state))).all()


async def ended_since(session: AsyncSession, view: View, moment: datetime) -> dict[str, int]:
    """How many ended after `moment`, by state."""
    query = select(Job.state, func.count().label("jobs")).where(view.condition(), Job.finished_at >= moment)
    rows = await session.execute(query.group_by(Job.state))
    return {row.state: row.jobs for row in rows}


def loads() -> Select[str, str, int]:
    """Numbers of jobs by `queue` and `state`, as `jobs`."""
    return select(Job.queue, Job.state, func.count().label("jobs")).group_by(Job.queue, Job.state)


def waits() -> Select[str, int, datetime]:
    """What waits for a worker, by `queue`: `jobs`, and `since` when the oldest of them is due."""
    waiting = (Job.state.in_(CLAIMABLE), Job.executor == Executor.CELERY)
    return (
        select(Job.queue, func.count().label("jobs"), func.min(Job.due_at).label("since"))
        .where(*waiting)
        .group_by(Job.queue)
    )


def pauses() -> Select[str, datetime | None, str | None, str | None]:
    """The queues that are paused."""
    paused = JobQueue.paused_at.is_not(None)
    return select(JobQueue.name, JobQueue.paused_at, JobQueue.cause, JobQueue.reason).where(paused)


def _short() -> Select[Job]:
    """Without what lists don't show, and what may be long."""
    return select(Job).options(defer(Job.error_log), defer(Job.result))


def _matching(view: View, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [view.condition()]
    if wanted.states is not None:
        found.append(Job.state.in_(wanted.states))
    if wanted.kind is not None:
        found.append(Job.kind == wanted.kind)
    if wanted.queue is not None:
        found.append(Job.queue == wanted.queue)
    if wanted.mine:
        found.append(Job.user_id == view.user_id)
    return found
