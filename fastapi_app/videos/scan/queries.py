"""The SQL of the scan."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.transaction import Record
from fastapi_app.videos.bulk.queries import portions


async def artists(session: AsyncSession, artist_id: int | None) -> Sequence[Record]:
    """One artist, or all of them."""
    query = select(Artist.id, Artist.name).order_by(Artist.id)
    if artist_id is not None:
        query = query.where(Artist.id == artist_id)
    rows: Sequence[Record] = (await session.execute(query)).all()
    return rows


async def videos_of(session: AsyncSession, artist_ids: Sequence[int]) -> dict[int, list[Record]]:
    """The videos of some artists, by artist and id."""
    columns = (Video.id, Video.artist_id, Video.title, Video.status, Video.local_path)
    query = select(*columns).where(Video.artist_id.in_(artist_ids)).order_by(Video.id)
    found: dict[int, list[Record]] = {artist_id: [] for artist_id in artist_ids}
    for row in await session.execute(query):
        found[row.artist_id].append(row)
    return found


async def unchanged(session: AsyncSession, seen: Mapping[int, str | None]) -> set[int]:
    """Those videos that still name the film that was seen, which nobody else changes until the transaction ends."""
    found: set[int] = set()
    for some in portions(sorted(seen)):
        query = select(Video.id, Video.local_path).where(Video.id.in_(some)).order_by(Video.id).with_for_update()
        found |= {row.id for row in await session.execute(query) if row.local_path == seen[row.id]}
    return found


async def give_film(session: AsyncSession, video_id: int, stored: str) -> None:
    changed = {"local_path": stored, "status": VideoStatus.DOWNLOADED}
    await session.execute(update(Video).where(Video.id == video_id).values(**changed))
