"""The SQL of the video routes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Download, Video, VideoStatus
from fastapi_app.transaction import Record, found
from fastapi_app.videos.page import ordered, page_of, rows_on
from fastapi_app.videos.rules import Listing

_LISTED: tuple[Any, ...] = (
    Video.id,
    Video.title,
    Video.artist_id,
    Artist.name.label("artist_name"),
    Video.status,
    Video.imvdb_id,
    Video.url,
    Video.local_path,
    Video.thumbnail_url,
    Video.duration,
    Video.year,
    Video.created_at,
)
_ONE = (
    select(*_LISTED, Video.genres)
    .outerjoin(Artist, Artist.id == Video.artist_id)
    .where(Video.id == bindparam("video_id"))
)


async def count_videos(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(Video)) or 0


async def listed_videos(session: AsyncSession, wanted: Listing) -> Sequence[Record]:
    """The rows with the names of their artists."""
    if wanted.limit is None:
        query = select(*_LISTED).outerjoin(Artist, Artist.id == Video.artist_id)
    else:
        query = rows_on(await page_of(session, wanted, wanted.limit), _LISTED)
    rows: Sequence[Record] = (await session.execute(ordered(query, wanted))).all()
    return rows


async def one_video(session: AsyncSession, video_id: int) -> Record | None:
    rows = await found(session, _ONE, video_id=video_id)
    return rows[0] if rows else None


async def files_of(session: AsyncSession, video_id: int) -> Record | None:
    """The stored paths of a video."""
    query = select(Video.local_path, Video.thumbnail_path).where(Video.id == video_id)
    return (await session.execute(query)).one_or_none()


async def locked_video(session: AsyncSession, video_id: int) -> Video | None:
    """The row, which nobody else changes until this transaction ends."""
    return await session.scalar(select(Video).where(Video.id == video_id).with_for_update())


async def lock_artist_of(session: AsyncSession, video_id: int) -> None:
    """Nobody else changes the row of the video's artist until this transaction ends."""
    artist_id = await session.scalar(select(Video.artist_id).where(Video.id == video_id))
    if artist_id is not None:
        await lock_artist(session, artist_id)


async def lock_artist(session: AsyncSession, artist_id: int) -> None:
    await session.execute(select(Artist.id).where(Artist.id == artist_id).with_for_update())


async def artist_of(session: AsyncSession, artist_id: int) -> Artist | None:
    return await session.get(Artist, artist_id)


async def delete_video(session: AsyncSession, video_id: int) -> None:
    """Deletes a video and its downloads."""
    await session.execute(delete(Download).where(Download.video_id == video_id))
    await session.execute(delete(Video).where(Video.id == video_id))


async def want_again(session: AsyncSession, video_id: int, missing: str) -> None:
    """Marks a downloaded video whose file is gone as wanted, and its artist as monitored.

    Only while it still says that it is downloaded, to the very path that was found missing.
    """
    video = await locked_video(session, video_id)
    if video is None or video.status is not VideoStatus.DOWNLOADED or video.local_path != missing:
        return
    video.status = VideoStatus.WANTED
    video.local_path = None
    unwatched = (Artist.id == video.artist_id, Artist.monitored.is_not(True))
    await session.execute(update(Artist).where(*unwatched).values(monitored=True))
