"""The SQL of changes to many videos.

Rows are locked in the order of their ids, and then changed one by one: where a list names much of a table, MariaDB's
UPDATE and DELETE read, and lock, all of it, and two requests would wait for each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Base, Download, Video
from fastapi_app.transaction import Record

_AT_ONCE = 500
Value = TypeVar("Value")


async def locked_rows(session: AsyncSession, ids: Sequence[int]) -> dict[int, Record]:
    """Id, title, status and artist of the rows that exist, which nobody else changes until this transaction ends."""
    columns = (Video.id, Video.title, Video.status, Video.artist_id)
    found: dict[int, Record] = {}
    for some in portions(ids):
        query = select(*columns).where(Video.id.in_(some)).order_by(Video.id).with_for_update()
        found |= {row.id: row for row in await session.execute(query)}
    return found


async def artist_names(session: AsyncSession, ids: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in portions(sorted(set(ids))):
        found |= {row.id: row.name for row in await session.execute(_NAMES.where(Artist.id.in_(some)))}
    return found


async def change_rows(session: AsyncSession, model: type[Base], ids: Sequence[int], **values: Any) -> None:
    """Gives rows that are locked the same values."""
    for some in portions(ids):
        await session.execute(update(model), [{"id": row_id, **values} for row_id in some])


async def delete_videos(session: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes videos and their downloads."""
    for some in portions(ids):
        await session.execute(delete(Download).where(Download.video_id.in_(some)))
    await delete_rows(session, ids)


async def delete_rows(session: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes locked videos that have no downloads any more."""
    connection = await session.connection()
    for some in portions(ids):
        await connection.execute(_ONE_ROW, [{"row": row_id} for row_id in some])


def portions(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """`values` in parts that one statement can name."""
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


_NAMES = select(Artist.id, Artist.name)
_ONE_ROW = delete(Video).where(Video.id == bindparam("row"))
