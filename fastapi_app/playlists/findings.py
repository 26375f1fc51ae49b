"""The SQL of what the rules of a dynamic playlist find at this moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Video
from fastapi_app.playlists.criteria import Criteria
from fastapi_app.playlists.entries import VIDEO
from fastapi_app.playlists.matching import fitting, in_order, order
from fastapi_app.playlists.queries import Totals
from fastapi_app.transaction import Record


async def totals(session: AsyncSession, wanted: Criteria, moment: datetime) -> Totals:
    """How many videos, and their seconds together."""
    found = limited(wanted, moment, session.get_bind().dialect.name, Video.duration)
    counted = found.subquery("found")
    row = (await session.execute(select(func.count(), func.sum(func.coalesce(counted.c.duration, 0))))).one()
    return row[0], int(row[1] or 0)


async def page(session: AsyncSession, wanted: Criteria, moment: datetime, offset: int, limit: int) -> Sequence[Record]:
    """A page in the order that the rules want."""
    if wanted.limit is not None:
        limit = max(0, min(limit, wanted.limit - offset))
    if limit == 0:
        return []
    dialect = session.get_bind().dialect.name
    chosen = in_order(fitting(wanted, moment, dialect, Video.id), wanted, dialect).limit(limit).offset(offset)
    ids = chosen.subquery("page")
    query = select(*VIDEO).prefix_with("STRAIGHT_JOIN", dialect="mysql").select_from(ids)
    query = query.join(Video, Video.id == ids.c.id).outerjoin(Artist, Artist.id == Video.artist_id)
    return (await session.execute(query.order_by(*order(wanted)))).all()


async def ids(session: AsyncSession, wanted: Criteria, moment: datetime, most: int) -> Sequence[int]:
    """The videos in order, at most so many."""
    limit = most if wanted.limit is None else min(most, wanted.limit)
    dialect = session.get_bind().dialect.name
    query = in_order(fitting(wanted, moment, dialect, Video.id), wanted, dialect)
    return (await session.scalars(query.limit(limit))).all()


def limited(wanted: Criteria, moment: datetime, dialect: str, *columns: Any) -> Select[Any]:
    """`columns` of the videos that the rules find; in order only where there is a limit."""
    found = fitting(wanted, moment, dialect, *columns)
    return found if wanted.limit is None else in_order(found, wanted, dialect).limit(wanted.limit)
