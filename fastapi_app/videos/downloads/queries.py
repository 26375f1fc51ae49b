"""The SQL of rows of downloads."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.jobs.states import TERMINAL
from fastapi_app.models import Artist, Download, Job
from fastapi_app.transaction import Record
from fastapi_app.videos.downloads.rules import Listing

_COLUMNS = (
    Download.id,
    Download.title,
    Artist.name.label("artist_name"),
    Download.artist_id,
    Download.video_id,
    Download.status,
    Download.priority,
    Download.progress,
    Download.file_size,
    Download.quality,
    Download.format,
    Download.download_date,
    Download.created_at,
    Download.updated_at,
    Download.error_message,
    Download.metube_id,
)


async def listed(session: AsyncSession, wanted: Listing) -> Sequence[Record]:
    """The rows with the names of their artists, the most urgent and oldest first."""
    query = select(*_COLUMNS).outerjoin(Artist, Artist.id == Download.artist_id)
    filters = {Download.status: wanted.status, Download.priority: wanted.priority, Download.artist_id: wanted.artist_id}
    for column, value in filters.items():
        if value is not None:
            query = query.where(column == value)
    ordered = query.order_by(Download.priority, Download.created_at, Download.id).limit(wanted.limit)
    rows: Sequence[Record] = (await session.execute(ordered)).all()
    return rows


async def counts(session: AsyncSession) -> Sequence[Record]:
    """How many rows of each status and priority there are."""
    query = select(Download.status, Download.priority, func.count()).group_by(Download.status, Download.priority)
    rows: Sequence[Record] = (await session.execute(query)).all()
    return rows


async def locked_download(session: AsyncSession, download_id: int) -> Download | None:
    """The row, which nobody else changes until this transaction ends."""
    return await session.scalar(select(Download).where(Download.id == download_id).with_for_update())


async def waiting_jobs(session: AsyncSession, download_id: int) -> Sequence[int]:
    """The jobs behind this row that have not ended."""
    query = select(Job.id).where(Job.download_id == download_id, Job.state.not_in(TERMINAL))
    return (await session.scalars(query.order_by(Job.id))).all()
