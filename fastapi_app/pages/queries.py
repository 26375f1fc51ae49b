"""The library page's two reads: one count, one page."""

from typing import Any

from sqlalchemy import func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.pages.cards import VideoRow
from fastapi_app.pages.criteria import Criteria
from fastapi_app.pages.page_ids import ORDERS, found, page_of
from fastapi_app.pages.paging import Paging

_SHOWN: tuple[Any, ...] = (
    Video.id,
    Video.title,
    Video.artist_id,
    Artist.name,
    Video.year,
    Video.duration,
    Video.status,
    Video.thumbnail_path,
    Video.local_path,
)


async def matches(session: AsyncSession, search: str) -> dict[VideoStatus | None, int]:
    """How many videos match, by status. Statuses that this version does not know count under None.

    A search asks for more than an index of statuses has: with their rows looked up in that order, it took three times
    as long. SQLite compares bytes: the column's own order would call Python for each row.
    """
    by: Any = Video.status
    if session.get_bind().dialect.name == "sqlite":
        by = by.collate("BINARY")
    elif search:
        by = type_coerce(func.coalesce(by), Video.status.type)
    query = select(by, func.count()).group_by(by)
    if search:
        query = query.where(found(search))
    counts: dict[VideoStatus | None, int] = {}
    for status, count in await session.execute(query):
        counts[status] = counts.get(status, 0) + count
    return counts


async def rows(session: AsyncSession, criteria: Criteria, paging: Paging) -> list[VideoRow]:
    """The videos of one page. Their ids come first: sorting whole rows would drag every description along."""
    chosen = (await page_of(session, criteria, paging)).subquery("chosen")
    query = select(*_SHOWN).prefix_with("STRAIGHT_JOIN", dialect="mysql").select_from(chosen)
    query = query.join(Video, Video.id == chosen.c.id).join(Artist, Artist.id == Video.artist_id)
    return [VideoRow(*row) for row in await session.execute(query.order_by(*ORDERS[criteria.sort]))]
