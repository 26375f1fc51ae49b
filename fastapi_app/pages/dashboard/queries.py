"""The SQL of the dashboard: a few counts, and the first of a few lists."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.jobs.states import TERMINAL, State
from fastapi_app.jobs.visibility import View
from fastapi_app.models import Artist, Job
from fastapi_app.pages import queries
from fastapi_app.pages.cards import VideoRow
from fastapi_app.pages.criteria import Criteria, Sort
from fastapi_app.pages.downloads.queries import QUEUE
from fastapi_app.pages.paging import Paging

_TOLD = sorted({*State} - TERMINAL | {State.FAILED})


@dataclass(frozen=True)
class Holdings:
    """What the library holds, beside the number of its videos. `newest` came last."""

    artists: int
    newest: tuple[VideoRow, ...]


async def holdings(session: AsyncSession, most: int) -> Holdings:
    """The count, from an index alone, and at most so many videos."""
    artists = await session.scalar(select(func.count(Artist.id))) or 0
    newest = await queries.rows(session, Criteria(sort=Sort.NEWEST), Paging.of(most, 1, most))
    return Holdings(artists, tuple(newest))


async def downloads(session: AsyncSession, view: View) -> Mapping[str, int]:
    """How many downloads are in each state, but for those that ended well or were cancelled."""
    query = select(Job.state, func.count(Job.id).label("number"))
    query = query.where(Job.queue == QUEUE, Job.state.in_(_TOLD), view.condition()).group_by(Job.state)
    return {row.state: row.number for row in await session.execute(query)}
