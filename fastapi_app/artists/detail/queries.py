"""The SQL of an artist's page."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Download, Video
from fastapi_app.transaction import Record

_ARTIST = (
    Artist.id,
    Artist.name,
    Artist.imvdb_id,
    Artist.thumbnail_url,
    Artist.thumbnail_path,
    Artist.auto_download,
    Artist.keywords,
    Artist.monitored,
    Artist.folder_path,
    Artist.last_discovery,
    Artist.created_at,
    Artist.updated_at,
    Artist.imvdb_metadata,
)
_VIDEO = (
    Video.id,
    Video.title,
    Video.imvdb_id,
    Video.youtube_id,
    Video.url,
    Video.thumbnail_url,
    Video.thumbnail_path,
    Video.local_path,
    Video.duration,
    Video.year,
    Video.release_date,
    Video.description,
    Video.view_count,
    Video.directors,
    Video.producers,
    Video.status,
    Video.quality,
    Video.discovered_date,
    Video.created_at,
    Video.updated_at,
)
_DOWNLOAD = (
    Download.id,
    Download.video_id,
    Download.title,
    Download.original_url,
    Download.file_path,
    Download.file_size,
    Download.download_date,
    Download.status,
    Download.progress,
    Download.error_message,
    Download.quality,
    Download.format,
)


async def artist(session: AsyncSession, artist_id: int) -> Record | None:
    return (await session.execute(select(*_ARTIST).where(Artist.id == artist_id))).one_or_none()


async def videos(session: AsyncSession, artist_id: int) -> Sequence[Record]:
    query = select(*_VIDEO).where(Video.artist_id == artist_id).order_by(Video.id)
    return (await session.execute(query)).all()


async def downloads(session: AsyncSession, artist_id: int) -> Sequence[Record]:
    query = select(*_DOWNLOAD).where(Download.artist_id == artist_id).order_by(Download.id)
    return (await session.execute(query)).all()
