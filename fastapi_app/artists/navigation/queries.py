"""The SQL of stepping from artist to artist."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists import sorting
from fastapi_app.artists.navigation.rules import Order
from fastapi_app.artists.queries import video_count
from fastapi_app.models import Artist
from fastapi_app.transaction import Record


async def place_of(session: AsyncSession, artist_id: int, order: Order) -> Record | None:
    """Where an artist stands in an order: its position from 1, the total, and its neighbours where it has any."""
    placed = select(Artist.id, Artist.name, sorting.place(order.sort)).subquery("placed").c
    by = sorting.ordered(placed.place, placed.id, descending=order.descending)
    line = select(
        placed.id,
        placed.name,
        func.row_number().over(order_by=by).label("position"),
        func.count().over().label("total"),
        func.lag(placed.id).over(order_by=by).label("previous"),
        func.lead(placed.id).over(order_by=by).label("next"),
    ).subquery("line")
    return (await session.execute(select(line).where(line.c.id == artist_id))).one_or_none()


async def neighbours(session: AsyncSession, artist_ids: Sequence[int]) -> dict[int, Record]:
    """Id, name and number of videos of a few artists, by id."""
    query = select(Artist.id, Artist.name, video_count()).where(Artist.id.in_(artist_ids))
    return {row.id: row for row in await session.execute(query)}
