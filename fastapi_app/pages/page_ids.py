"""Which videos stand on one page of the library, as a query for their ids.

Indexes have the orders; that of artists is in two tables, so their videos are counted first, and only those of the
page's own artists are sorted. On SQLite each comparison of two names calls Python.
"""

from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.containing import contains
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.pages.criteria import Criteria, Sort
from fastapi_app.pages.paging import Paging

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
    if criteria.sort is Sort.ARTIST:
        return await _by_artist(session, criteria, paging)
    in_order = session.get_bind().dialect.name == "sqlite" and criteria.sort in (Sort.TITLE, Sort.YEAR)
    query = _narrowed(select(Video.id), criteria, in_order=in_order).order_by(*ORDERS[criteria.sort])
    return query.limit(paging.size).offset(paging.offset)


async def _by_artist(session: AsyncSession, criteria: Criteria, paging: Paging) -> Query:
    """The artists of the page are known by how many rows are before theirs. All artists are looked at, in the order of
    their index: joined with those that have rows, they would have to be sorted.
    """
    counted = select(Video.artist_id, func.count().label("own")).group_by(Video.artist_id)
    counts = _narrowed(counted, criteria).subquery("counts")
    last = func.sum(counts.c.own).over(order_by=(Artist.name, Artist.id), rows=(None, 0))
    placed = select(Artist.id, last.label("last"), (last - counts.c.own).label("before"))
    artists = placed.outerjoin(counts, counts.c.artist_id == Artist.id).subquery("artists_placed")
    chosen = select(artists.c.id, artists.c.before).order_by(artists.c.before)
    chosen = chosen.where(artists.c.last > paging.offset, artists.c.before < paging.offset + paging.size)
    owners = (await session.execute(chosen)).all()
    query = _narrowed(select(Video.id).join(Artist, Artist.id == Video.artist_id), criteria)
    query = query.where(Video.artist_id.in_([row.id for row in owners])).order_by(*ORDERS[Sort.ARTIST])
    return query.limit(paging.size).offset(paging.offset - int(owners[0].before) if owners else 0)


def _narrowed(query: Query, criteria: Criteria, *, in_order: bool = False) -> Query:
    if criteria.search:
        query = query.where(found(criteria.search))
    if criteria.status:
        query = query.where(_status(in_order) == criteria.status)
    return query


def _status(in_order: bool) -> ColumnElement[VideoStatus | None]:
    """The column; on SQLite compared by bytes where its indexes must not be used: to read on in the order of another
    costs less than to sort. For a name that there is, this is the same.
    """
    return Video.status.collate("BINARY") if in_order else Video.status  # type: ignore[return-value]
