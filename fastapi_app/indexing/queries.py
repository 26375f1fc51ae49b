"""The SQL of indexing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Download, Video, VideoStatus
from fastapi_app.transaction import Record
from fastapi_app.videos.bulk.queries import portions

_PAGE = 500
_VIDEOS = (
    select(Video.id, Video.artist_id, Video.title, Video.local_path.label("path"), Artist.name.label("artist_name"))
    .outerjoin(Artist, Artist.id == Video.artist_id)
    .order_by(Video.id)
)
_DOWNLOADS = (
    select(Download.id, Download.file_path.label("path")).where(Download.video_id.is_not(None)).order_by(Download.id)
)


async def counts(session: AsyncSession) -> Record:
    """Everything that the statistics count, in one query."""
    downloads = select(func.count(Download.id))
    has_file = (Download.file_path.is_not(None), Download.status == "completed")
    videos = select(func.count(Video.id))
    query = select(
        select(func.count(Artist.id)).scalar_subquery().label("artists"),
        videos.scalar_subquery().label("videos"),
        downloads.scalar_subquery().label("downloads"),
        videos.where(Video.imvdb_id.is_not(None)).scalar_subquery().label("with_imvdb"),
        videos.where(Video.status == VideoStatus.DOWNLOADED).scalar_subquery().label("downloaded"),
        downloads.where(*has_file).scalar_subquery().label("with_files"),
    )
    found: Record = (await session.execute(query)).one()
    return found


async def artists(session: AsyncSession) -> Sequence[Record]:
    """Id and name of all of them, the oldest first."""
    rows: Sequence[Record] = (await session.execute(select(Artist.id, Artist.name).order_by(Artist.id))).all()
    return rows


async def videos_naming(session: AsyncSession, spelled: Sequence[str]) -> list[Record]:
    """The videos whose film is one of these paths, as the database compares them: blind to accents."""
    return [
        row for some in portions(spelled) for row in await session.execute(_VIDEOS.where(Video.local_path.in_(some)))
    ]


async def downloads_naming(session: AsyncSession, spelled: Sequence[str]) -> list[Record]:
    """The downloads of videos that one of these paths came from."""
    chosen = (_DOWNLOADS.where(Download.file_path.in_(some)) for some in portions(spelled))
    return [row for query in chosen for row in await session.execute(query)]


async def every_film(session: AsyncSession) -> list[Record]:
    """Every video that names a film."""
    return await _all(session, _VIDEOS.where(Video.local_path.is_not(None)), Video.id)


async def every_download(session: AsyncSession) -> list[Record]:
    """Every download of a video that names a file."""
    return await _all(session, _DOWNLOADS.where(Download.file_path.is_not(None)), Download.id)


async def _all(session: AsyncSession, query: Select[*tuple[Any, ...]], number: Any) -> list[Record]:
    """All rows, in pages: a driver reads a large answer in one go, and the event loop would wait for it."""
    found: list[Record] = []
    while True:
        page = query.where(number > (found[-1].id if found else 0)).limit(_PAGE)
        rows = (await session.execute(page)).all()
        found += rows
        if len(rows) < _PAGE:
            return found
