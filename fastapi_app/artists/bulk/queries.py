"""The SQL of changing and deleting many artists."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Download, Video
from fastapi_app.transaction import Record

_BATCH = 1_000
"""Ids in one statement."""


async def values(session: AsyncSession, artist_ids: Sequence[int]) -> Sequence[Record]:
    """What can be edited of these artists, and what is told of them when they are gone; in the order of their ids."""
    pictures = (Artist.thumbnail_path, Artist.thumbnail_metadata)
    columns = (Artist.id, Artist.name, *pictures, Artist.monitored, Artist.auto_download, Artist.keywords)
    query = select(*columns).where(Artist.id.in_(artist_ids)).order_by(Artist.id)
    return (await session.execute(query)).all()


async def change(session: AsyncSession, artist_ids: Sequence[int], changes: dict[str, Any]) -> None:
    await session.execute(update(Artist).where(Artist.id.in_(artist_ids)).values(changes))


async def without_videos(session: AsyncSession) -> list[int]:
    """The artists that have no video at this moment."""
    query = select(Artist.id).where(~exists().where(Video.artist_id == Artist.id)).order_by(Artist.id)
    return list(await session.scalars(query))


async def delete_artists(session: AsyncSession, artist_ids: Sequence[int]) -> None:
    """Deletes the rows of locked artists, children first."""
    videos = list(await session.scalars(select(Video.id).where(Video.artist_id.in_(artist_ids)).order_by(Video.id)))
    await session.execute(delete(Download).where(Download.artist_id.in_(artist_ids)))
    for batch in _batches(videos):
        await session.execute(delete(Download).where(Download.video_id.in_(batch)))
    await session.execute(delete(Video).where(Video.artist_id.in_(artist_ids)))
    await session.execute(delete(Artist).where(Artist.id.in_(artist_ids)))


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
