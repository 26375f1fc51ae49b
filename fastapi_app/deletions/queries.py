"""The SQL of the deletions themselves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.deletions.rules import FIRST_NAMES
from fastapi_app.deletions.snapshot import Row
from fastapi_app.models import Artist, Deletion
from fastapi_app.transaction import Record

_LISTED = (
    Deletion.id,
    Deletion.username,
    Deletion.videos,
    Deletion.artists,
    Deletion.names,
    Deletion.created_at,
    Deletion.expires_at,
    Deletion.restored_at,
)


async def recent(session: AsyncSession, at: datetime, limit: int) -> Sequence[Record]:
    """What may be restored at this moment, or was, the latest first; without what was kept."""
    query = select(*_LISTED).where(Deletion.expires_at > at).order_by(Deletion.id.desc()).limit(limit)
    rows: Sequence[Record] = (await session.execute(query)).all()
    return rows


async def locked(session: AsyncSession, deletion_id: int) -> Deletion | None:
    """The row, which nobody else changes until this transaction ends."""
    return await session.scalar(select(Deletion).where(Deletion.id == deletion_id).with_for_update(nowait=True))


async def first_names(session: AsyncSession, artists: Sequence[Row], videos: Sequence[Row]) -> list[dict[str, Any]]:
    """What the first of the deleted are called."""
    if artists:
        return [{"artist": row["name"]} for row in artists[:FIRST_NAMES]]
    few = videos[:FIRST_NAMES]
    asked = select(Artist.id, Artist.name).where(Artist.id.in_({row["artist_id"] for row in few}))
    names = {row.id: row.name for row in await session.execute(asked)}
    return [{"title": row["title"], "artist": names.get(row["artist_id"])} for row in few]
