"""Which videos stand on one page of the list, as a query for their ids.

A page is chosen by id first: sorting whole rows would drag every description along. Even so, an order that no index
has costs a sort of the whole library, so each of those is brought down to a part of it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Video
from fastapi_app.videos.rules import Listing

_SORTS: dict[str, Any] = {
    "title": Video.title,
    "artist_name": Artist.name,
    "year": Video.year,
    "created_at": Video.created_at,
    "status": Video.status,
}
_SLOWLY_SORTED = {"sqlite": frozenset({"title", "created_at"}), "mysql": frozenset({"title"})}
"""Columns with an index. MariaDB sorts dates about as fast as it counts them."""

_MANY = 500
"""So many values are not fetched to learn where a page begins and ends."""


def ordered(query: Select[Any], wanted: Listing) -> Select[Any]:
    """In the order that is wanted; equal ones by id."""
    return query.order_by(_direction(_SORTS[wanted.sort], wanted), Video.id)


async def page_of(session: AsyncSession, wanted: Listing, limit: int) -> Select[Any]:
    """The ids of one page, in no order."""
    dialect = session.get_bind().dialect.name
    if wanted.sort == "artist_name":
        return _in_order_of_index(wanted, limit) if dialect == "sqlite" else _between_counts(wanted, limit)
    if wanted.descending and wanted.sort in _SLOWLY_SORTED[dialect] and limit <= _MANY:
        return await _between_values(session, wanted, limit)
    return _sorted(wanted, limit)


def rows_on(page: Select[Any], columns: Sequence[Any]) -> Select[Any]:
    """Columns of the videos on a page and of their artists, in no order.

    MariaDB reads the page first, where it would begin with a whole table that it takes for a small one.
    """
    chosen = page.subquery("page")
    query = select(*columns).prefix_with("STRAIGHT_JOIN", dialect="mysql").select_from(chosen)
    return query.join(Video, Video.id == chosen.c.id).outerjoin(Artist, Artist.id == Video.artist_id)


def _sorted(wanted: Listing, limit: int) -> Select[Any]:
    return ordered(select(Video.id), wanted).limit(limit).offset(wanted.offset)


async def _between_values(session: AsyncSession, wanted: Listing, limit: int) -> Select[Any]:
    """Read backwards, an index has equal values in the wrong order. So it tells the first and the last value of the
    page, and only what lies between is sorted. Values stay as they are stored: not every date reads back the same.
    A row that comes in between moves this page by one, as it moves every page.
    """
    column = type_coerce(_SORTS[wanted.sort], String)
    query = select(column).order_by(column.desc()).limit(limit).offset(wanted.offset)
    values: Sequence[Any] = (await session.scalars(query)).all()
    if not values or values[-1] is None:  # beyond the end, or among those without a value
        return _sorted(wanted, limit)
    before = select(func.count()).where(column > values[0]).select_from(Video).scalar_subquery()
    place = func.row_number().over(order_by=(column.desc(), Video.id)) + before
    placed = select(Video.id, place.label("place")).where(column.between(values[-1], values[0])).subquery("placed")
    return _at_places(placed, wanted, limit)


def _in_order_of_index(wanted: Listing, limit: int) -> Select[Any]:
    """Artists first, in the order of their index, and as many as the page needs; every video has one."""
    joined = select(Video.id).select_from(Artist).join(Video, Video.artist_id == Artist.id)
    return ordered(joined, wanted).limit(limit).offset(wanted.offset)


def _between_counts(wanted: Listing, limit: int) -> Select[Any]:
    """MariaDB would sort every video by the name of its artist. Names are few: how many videos each has, added up in
    their order, tells on which of them the page falls.
    """
    names = select(Artist.name, func.count().label("own")).prefix_with("STRAIGHT_JOIN", dialect="mysql")
    names = names.select_from(Artist).join(Video, Video.artist_id == Artist.id).group_by(Artist.name)
    named = names.subquery("named")
    last = func.sum(named.c.own).over(order_by=_direction(named.c.name, wanted), rows=(None, 0))
    ends = select(named.c.name, last.label("last"), (last - named.c.own).label("before")).subquery("ends")
    place = func.row_number().over(partition_by=ends.c.name, order_by=Video.id) + ends.c.before
    placed = select(Video.id, place.label("place")).prefix_with("STRAIGHT_JOIN", dialect="mysql").select_from(ends)
    placed = placed.join(Artist, Artist.name == ends.c.name).join(Video, Video.artist_id == Artist.id)
    placed = placed.where(ends.c.last > wanted.offset, ends.c.before < wanted.offset + limit)
    return _at_places(placed.subquery("placed"), wanted, limit)


def _at_places(placed: Any, wanted: Listing, limit: int) -> Select[Any]:
    return select(placed.c.id).where(placed.c.place > wanted.offset, placed.c.place <= wanted.offset + limit)


def _direction(column: Any, wanted: Listing) -> ColumnElement[Any]:
    direction: ColumnElement[Any] = column.desc() if wanted.descending else column.asc()
    return direction
