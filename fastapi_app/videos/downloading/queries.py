"""The SQL of downloading videos."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import INTEGER_MAX, Artist, Video, VideoStatus
from fastapi_app.transaction import Record
from fastapi_app.videos.bulk.queries import portions

_COLUMNS = (
    Video.id,
    Video.title,
    Video.status,
    Video.local_path,
    Video.url,
    Video.youtube_url,
    Video.youtube_id,
    Artist.name.label("artist"),
)


async def one(session: AsyncSession, video_id: int) -> Record | None:
    return (await session.execute(_videos().where(Video.id == video_id))).first() if video_id <= INTEGER_MAX else None


async def some(session: AsyncSession, ids: Sequence[int]) -> dict[int, Record]:
    """The videos that there are, by id."""
    found: dict[int, Record] = {}
    for part in portions(ids):
        found |= {row.id: row for row in await session.execute(_videos().where(Video.id.in_(part)))}
    return found


async def wanted(session: AsyncSession, limit: int) -> Sequence[Record]:
    """Wanted videos of artists that there are, the oldest first."""
    query = _videos().where(Video.status == VideoStatus.WANTED, Artist.id.is_not(None))
    rows: Sequence[Record] = (await session.execute(query.order_by(Video.id).limit(limit))).all()
    return rows


def _videos() -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).outerjoin(Artist, Artist.id == Video.artist_id)
