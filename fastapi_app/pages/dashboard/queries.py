"""The SQL of the dashboard: a few counts, and the first of a few lists."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.jobs.states import TERMINAL, State
from fastapi_app.jobs.visibility import View
from fastapi_app.models import Artist, Job, VideoStatus
from fastapi_app.pages import queries
from fastapi_app.pages.cards import VideoRow
from fastapi_app.pages.criteria import Criteria, Sort
from fastapi_app.pages.downloads.queries import QUEUE
from fastapi_app.pages.paging import Paging

_TOLD = sorted({*State} - TERMINAL | {State.FAILED})


@dataclass(frozen=True)
class Holdings:
    """What the library holds. `videos` counts by status, unknown ones under None; `newest` came last."""

    artists: int
    videos: Mapping[VideoStatus | None, int]
    newest: tuple[VideoRow, ...]


async def holdings(session: AsyncSession, most: int) -> Holdings:
    """The counts, and at most so many videos. Two of the three are read from an index alone."""
    artists = await session.scalar(select(func.count(Artist.id))) or 0
    videos = await queries.matches(session, "")
    newest = await queries.rows(session, Criteria(sort=Sort.NEWEST), Paging.of(most, 1, most))
    return Holdings(artists, videos, tuple(newest))


async def downloads(session: AsyncSession, view: View) -> Mapping[str, int]:
    """How many downloads are in each state, but for those that ended well or were cancelled."""
    query = select(Job.state, func.count(Job.id).label("number"))
    query = query.where(Job.queue == QUEUE, Job.state.in_(_TOLD), view.condition()).group_by(Job.state)
    return {row.state: row.number for row in await session.execute(query)}
