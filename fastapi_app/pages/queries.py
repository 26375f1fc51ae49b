"""The library page's two reads: one count, one page."""

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.containing import contains
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.pages.cards import VideoRow
from fastapi_app.pages.criteria import Criteria, Sort
from fastapi_app.pages.paging import Paging

_ORDERS = {
    Sort.TITLE: (Video.title, Video.id),
    Sort.ARTIST: (Artist.name, Video.title, Video.id),
    Sort.YEAR: (Video.year.desc(), Video.title, Video.id),
    Sort.NEWEST: (Video.created_at.desc(), Video.id.desc()),
}


async def matches(session: AsyncSession, search: str) -> dict[VideoStatus | None, int]:
    """How many videos match, by status. Statuses that this version does not know count under None."""
    query = select(Video.status, func.count()).group_by(Video.status)
    if search:
        query = query.join(Artist, Video.artist_id == Artist.id).where(_found(search))
    counts: dict[VideoStatus | None, int] = {}
    for status, count in await session.execute(query):
        counts[status] = counts.get(status, 0) + count
    return counts


async def rows(session: AsyncSession, criteria: Criteria, paging: Paging) -> list[VideoRow]:
    """The videos of one page."""
    result = await session.execute(_page(criteria).limit(paging.size).offset(paging.offset))
    return [VideoRow(*row) for row in result]


def _page(
    criteria: Criteria,
) -> Select[int, str, str, int | None, int | None, VideoStatus | None, str | None, str | None]:
    query = select(
        Video.id,
        Video.title,
        Artist.name,
        Video.year,
        Video.duration,
        Video.status,
        Video.thumbnail_path,
        Video.local_path,
    ).join(Artist, Video.artist_id == Artist.id)
    if criteria.search:
        query = query.where(_found(criteria.search))
    if criteria.status:
        query = query.where(Video.status == criteria.status)
    return query.order_by(*_ORDERS[criteria.sort])


def _found(search: str) -> ColumnElement[bool]:
    return or_(contains(Video.title, search), contains(Artist.name, search))
