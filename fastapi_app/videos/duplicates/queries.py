"""The SQL of duplicates."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Download, Video
from fastapi_app.transaction import Record
from fastapi_app.videos.bulk.queries import portions

_TOLD: tuple[Any, ...] = (
    Video.id,
    Video.title,
    Artist.name.label("artist_name"),
    Video.status,
    Video.year,
    Video.url,
    Video.local_path,
    Video.thumbnail_url,
    Video.created_at,
)


async def one_video(session: AsyncSession, video_id: int) -> Record | None:
    row: Record | None = (await session.execute(_told().where(Video.id == video_id))).one_or_none()
    return row


async def others_with(session: AsyncSession, imvdb_id: str, video_id: int) -> Sequence[Record]:
    """The other videos that have this IMVDb id."""
    query = _told().where(Video.imvdb_id == imvdb_id, Video.id != video_id).order_by(Video.id)
    rows: Sequence[Record] = (await session.execute(query)).all()
    return rows


async def locked_videos(session: AsyncSession, ids: Sequence[int]) -> dict[int, Video]:
    """The rows that exist, locked in the order of their ids, as every request that changes many does it."""
    found: dict[int, Video] = {}
    for some in portions(sorted(ids)):
        query = select(Video).where(Video.id.in_(some)).order_by(Video.id).with_for_update()
        found |= {video.id: video for video in await session.scalars(query)}
    return found


async def downloaded_films(session: AsyncSession, ids: Sequence[int]) -> set[str]:
    """The paths that downloads of these videos name."""
    found: set[str] = set()
    for some in portions(ids):
        query = select(Download.file_path).where(Download.video_id.in_(some), Download.file_path.is_not(None))
        found |= {path for path in await session.scalars(query) if path}
    return found


async def give_downloads(session: AsyncSession, ids: Sequence[int], kept: Video) -> None:
    """Makes the downloads of videos those of the kept one, and of its artist."""
    for some in portions(ids):
        moved = update(Download).where(Download.video_id.in_(some))
        await session.execute(moved.values(video_id=kept.id, artist_id=kept.artist_id))


def _told() -> Select[Any]:
    return select(*_TOLD).outerjoin(Artist, Artist.id == Video.artist_id)
