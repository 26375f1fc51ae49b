"""The SQL of the picture routes."""

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Playlist, Video
from fastapi_app.transaction import Record

SOURCES = ("imvdb", "wikipedia", "manual", "manual_crop")
Owner = type[Artist] | type[Video] | type[Playlist]
"""What has a picture."""


async def picture_of(session: AsyncSession, owner: Owner, row_id: int) -> Record | None:
    """What a row says of its picture."""
    query = select(
        owner.thumbnail_url,
        owner.thumbnail_path,
        owner.thumbnail_source,
        owner.thumbnail_metadata,
        owner.thumbnail_uploaded_at,
    ).where(owner.id == row_id)
    return (await session.execute(query)).one_or_none()


async def named_artist(session: AsyncSession, artist_id: int) -> Record | None:
    """The name of an artist, and what its row says of its picture."""
    query = select(Artist.name, Artist.thumbnail_path, Artist.thumbnail_metadata).where(Artist.id == artist_id)
    return (await session.execute(query)).one_or_none()


async def titled_video(session: AsyncSession, video_id: int) -> Record | None:
    """The title of a video and the name of its artist, who may be missing in an old database."""
    query = select(Video.title, Artist.name).outerjoin(Artist, Artist.id == Video.artist_id)
    return (await session.execute(query.where(Video.id == video_id))).one_or_none()


async def locked(session: AsyncSession, owner: Owner, row_id: int) -> Artist | Video | Playlist | None:
    """The row, which nobody else changes until this transaction ends."""
    query = select(owner).where(owner.id == row_id).with_for_update()
    found: Artist | Video | Playlist | None = await session.scalar(query)
    return found


async def is_shared(session: AsyncSession, owner: Owner, row_id: int, path: str) -> bool:
    """Whether another row names the same file: pictures of equal names and addresses were fetched only once."""
    query = select(owner.id).where(owner.thumbnail_path == path, owner.id != row_id).limit(1)
    return await session.scalar(query) is not None


async def coverage(session: AsyncSession) -> dict[str, int]:
    """How many rows there are and how many have a picture, and those of artists by source."""
    by_source = {source: _counted(Artist, Artist.thumbnail_source == source) for source in SOURCES}
    columns: dict[str, Any] = {
        "artists": _counted(Artist),
        "artists_with": _counted(Artist, _has_picture(Artist)),
        "videos": _counted(Video),
        "videos_with": _counted(Video, _has_picture(Video)),
        **by_source,
    }
    row = (await session.execute(select(*columns.values()))).one()
    return dict(zip(columns, row, strict=True))


def _counted(owner: Owner, *conditions: ColumnElement[bool]) -> Any:
    return select(func.count(owner.id)).where(*conditions).scalar_subquery()


def _has_picture(owner: Owner) -> ColumnElement[bool]:
    return or_(owner.thumbnail_url.is_not(None), owner.thumbnail_path.is_not(None))
