"""The SQL of downloads as 0.9 showed them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from fastapi_app.database import rows_changed
from fastapi_app.downloads import kinds
from fastapi_app.downloads.preferences import Preferences, preferences
from fastapi_app.jobs.states import TERMINAL, State
from fastapi_app.jobs.visibility import View
from fastapi_app.models import INTEGER_MAX, Job, Setting

_IS_DOWNLOAD = Job.kind == kinds.DOWNLOAD.name


async def under_way(session: AsyncSession, view: View) -> Sequence[Job]:
    """Downloads that wait or run, the oldest first."""
    query = _shown(view).where(Job.state.not_in(TERMINAL)).order_by(Job.id)
    return (await session.scalars(query)).all()


async def ended(session: AsyncSession, view: View, limit: int | None) -> Sequence[Job]:
    """Downloads that ended, the newest first."""
    query = _shown(view).where(Job.state.in_(TERMINAL)).order_by(Job.finished_at.desc(), Job.id.desc())
    return (await session.scalars(query.limit(limit))).all()


async def one(session: AsyncSession, view: View, job_id: int) -> Job | None:
    return await session.scalar(_shown(view).where(Job.id == job_id)) if job_id <= INTEGER_MAX else None


async def stuck(session: AsyncSession, view: View, since: datetime) -> Sequence[int]:
    """Downloads that have been running since before a moment, without a byte, and that nobody has stopped."""
    empty = (func.coalesce(Job.percent, 0) == 0, func.coalesce(Job.bytes_done, 0) == 0)
    running = (Job.state == State.RUNNING, Job.started_at < since, Job.cancel_requested.is_(False))
    query = select(Job.id).where(_IS_DOWNLOAD, view.condition(), *running, *empty).order_by(Job.id)
    return (await session.scalars(query)).all()


async def forget(session: AsyncSession, view: View) -> int:
    """Removes the downloads that ended. Gives their number."""
    gone = delete(Job).where(_IS_DOWNLOAD, view.condition(), Job.state.in_(TERMINAL))
    return rows_changed(await session.execute(gone.execution_options(synchronize_session=False)))


async def numbers(session: AsyncSession) -> Mapping[str, int]:
    """How many downloads there are, by state."""
    rows = await session.execute(select(Job.state, func.count()).where(_IS_DOWNLOAD).group_by(Job.state))
    return {row[0]: row[1] for row in rows}


async def library(session: AsyncSession) -> str:
    """The stored path of the films."""
    name = "music_videos_path"
    stored: str | None = await session.scalar(select(Setting.value).where(Setting.key == name))
    read: Preferences = preferences({name: stored})
    return read.library


def _shown(view: View) -> Select[Job]:
    return select(Job).where(_IS_DOWNLOAD, view.condition()).options(defer(Job.error_log))
