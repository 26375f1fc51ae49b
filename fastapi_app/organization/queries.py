"""The SQL of putting films in order."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Download, Video, VideoStatus
from fastapi_app.transaction import Record
from fastapi_app.videos.scan.queries import give_film, unchanged


async def has_films(session: AsyncSession) -> bool:
    """Whether some video says that it has a film."""
    query = select(Video.id).where(Video.status == VideoStatus.DOWNLOADED, Video.local_path.is_not(None)).limit(1)
    return await session.scalar(query) is not None


async def rename_film(session: AsyncSession, owners: Sequence[Record], new: str) -> bool:
    """Tells the videos that name a film its new path; False when somebody changed one of them meanwhile."""
    seen = {row.id: row.path for row in owners}
    if await unchanged(session, seen) != set(seen):
        return False
    for video_id in seen:
        await give_film(session, video_id, new)
    return True


async def rename_downloads(session: AsyncSession, downloads: Sequence[Record], new: str) -> None:
    """Tells downloads the new path of their film."""
    for row in downloads:
        await session.execute(update(Download).where(Download.id == row.id).values(file_path=new))
