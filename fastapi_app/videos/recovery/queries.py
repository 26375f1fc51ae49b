"""The SQL of the recovery of missing films."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Setting, Video, VideoStatus
from fastapi_app.transaction import Record
from fastapi_app.videos.bulk.queries import portions

DOWNLOADS_SETTING = "downloads_directory"


async def count_downloaded(session: AsyncSession) -> int:
    query = select(func.count(Video.id)).where(Video.status == VideoStatus.DOWNLOADED)
    return await session.scalar(query) or 0


async def downloads_folder(session: AsyncSession) -> str | None:
    """The setting, None where nobody has set it."""
    return await session.scalar(select(Setting.value).where(Setting.key == DOWNLOADS_SETTING))


async def downloaded_after(session: AsyncSession, last: int, limit: int) -> Sequence[Record]:
    """The next videos with a film, by id, each with what its film is recognised by."""
    columns = (Video.id, Video.title, Video.youtube_id, Video.local_path, Artist.name.label("artist_name"))
    query = select(*columns).outerjoin(Artist, Artist.id == Video.artist_id)
    has_film = (Video.status == VideoStatus.DOWNLOADED, Video.local_path.is_not(None), Video.local_path != "")
    rows: Sequence[Record] = (
        await session.execute(query.where(*has_film, Video.id > last).order_by(Video.id).limit(limit))
    ).all()
    return rows


async def still_so(session: AsyncSession, missing: Mapping[int, str]) -> dict[int, int]:
    """The artists of those videos that still say to have the film that was found missing, locked by video.

    The status is compared here: a lock by the index of statuses would cross with those by id.
    """
    found: dict[int, int] = {}
    columns = (Video.id, Video.artist_id, Video.status, Video.local_path)
    for some in portions(sorted(missing)):
        query = select(*columns).where(Video.id.in_(some)).order_by(Video.id).with_for_update()
        for row in await session.execute(query):
            if row.status is VideoStatus.DOWNLOADED and row.local_path == missing[row.id]:
                found[row.id] = row.artist_id
    return found


async def unwatched(session: AsyncSession, ids: Sequence[int]) -> list[int]:
    """Those artists that are not monitored, locked."""
    found: list[int] = []
    for some in portions(ids):
        query = select(Artist.id, Artist.monitored).where(Artist.id.in_(some)).order_by(Artist.id).with_for_update()
        found += [row.id for row in await session.execute(query) if not row.monitored]
    return found
