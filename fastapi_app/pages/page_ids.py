"""Which videos stand on one page of the library, as a query for their ids.

An order that no index has costs a sort of the whole library, and on SQLite each comparison of two names calls Python.
So years and artists are counted first: what is sorted is only what the page's own years and artists have.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from fastapi_app.containing import contains
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.pages.criteria import Criteria, Sort
from fastapi_app.pages.paging import Paging
from fastapi_app.pages.spans import span

Query: TypeAlias = Select[*tuple[Any, ...]]

ORDERS: dict[Sort, tuple[Any, ...]] = {
    Sort.TITLE: (Video.title, Video.id),
    Sort.ARTIST: (Artist.name, Artist.id, Video.title, Video.id),
    Sort.YEAR: (Video.year.desc(), Video.title, Video.id),
    Sort.NEWEST: (Video.created_at.desc(), Video.id.desc()),
}


def found(search: str) -> ColumnElement[bool]:
    """What title or artist must say. Each name is looked at once, and not again for each video."""
    named = select(Artist.id).where(contains(Artist.name, search))
    return or_(contains(Video.title, search), Video.artist_id.in_(named))


async def page_of(session: AsyncSession, criteria: Criteria, paging: Paging) -> Query:
    """The ids of one page, in no order."""
    dialect = session.get_bind().dialect.name
    if criteria.sort is Sort.ARTIST:
        return await _by_artist(session, criteria, paging)
    if criteria.sort is Sort.YEAR:
        return await _by_year(session, criteria, paging)
    in_order = dialect == "sqlite" and criteria.sort is Sort.TITLE
    query = _narrowed(select(Video.id), criteria, in_order=in_order).order_by(*ORDERS[criteria.sort])
    return query.limit(paging.size).offset(paging.offset)


async def _by_artist(session: AsyncSession, criteria: Criteria, paging: Paging) -> Query:
    rows = await session.execute(_narrowed(select(Video.artist_id, func.count()).group_by(Video.artist_id), criteria))
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    names = await session.scalars(select(Artist.id).order_by(Artist.name, Artist.id))
    chosen = span(((artist_id, counts.get(artist_id, 0)) for artist_id in names), paging.offset, paging.size)
    query = _narrowed(select(Video.id).join(Artist, Artist.id == Video.artist_id), criteria)
    query = query.where(Video.artist_id.in_(chosen.keys)).order_by(*ORDERS[Sort.ARTIST])
    return query.limit(paging.size).offset(chosen.skipped)


async def _by_year(session: AsyncSession, criteria: Criteria, paging: Paging) -> Query:
    in_order = session.get_bind().dialect.name == "sqlite"
    counted = select(Video.year, func.count()).group_by(Video.year).order_by(Video.year.desc())
    rows = await session.execute(_narrowed(counted, criteria, in_order=in_order))
    chosen = span(((row[0], row[1]) for row in rows), paging.offset, paging.size)
    order = ORDERS[Sort.YEAR] if len(chosen.keys) > 1 else ORDERS[Sort.TITLE]
    query = _narrowed(select(Video.id), criteria, in_order=in_order).where(_of_years(chosen.keys)).order_by(*order)
    return query.limit(paging.size).offset(chosen.skipped)


def _of_years(years: Sequence[int | None]) -> ColumnElement[bool]:
    known = Video.year.in_([year for year in years if year is not None])
    return or_(known, Video.year.is_(None)) if None in years else known


def _narrowed(query: Query, criteria: Criteria, *, in_order: bool = False) -> Query:
    if criteria.search:
        query = query.where(found(criteria.search))
    if criteria.status:
        query = query.where(_status(in_order) == criteria.status)
    return query


def _status(in_order: bool) -> ColumnElement[VideoStatus | None]:
    """The column. `+` keeps SQLite from its index: reading on in the order of titles costs less than to sort."""
    if not in_order:
        return Video.status  # type: ignore[return-value]
    return UnaryExpression(Video.__table__.c.status, operator=custom_op("+"), type_=Video.status.type)
