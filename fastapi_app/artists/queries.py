"""The SQL of the artist routes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists.rules import Listing, mentioned
from fastapi_app.containing import contains
from fastapi_app.models import Artist, Download, Video
from fastapi_app.transaction import Record

_LISTED = (
    Artist.id,
    Artist.name,
    Artist.imvdb_id,
    Artist.thumbnail_url,
    Artist.thumbnail_path,
    Artist.auto_download,
    Artist.keywords,
    Artist.monitored,
    Artist.created_at,
)
_ONE = (
    Artist.id,
    Artist.name,
    Artist.imvdb_id,
    Artist.thumbnail_url,
    Artist.auto_download,
    Artist.keywords,
    Artist.monitored,
    Artist.genres,
    Artist.created_at,
)


async def count_artists(session: AsyncSession, wanted: Listing) -> int:
    return await session.scalar(_filtered(select(func.count(Artist.id)), wanted)) or 0


async def page_of_artists(session: AsyncSession, wanted: Listing) -> Sequence[Record]:
    """The rows of one page, each with its number of videos. Counts are made for this page only."""
    chosen = _ordered(_filtered(select(Artist.id), wanted), wanted).limit(wanted.per_page).offset(wanted.offset)
    page = chosen.subquery("page")
    query = select(*_LISTED, video_count()).join(page, page.c.id == Artist.id)
    rows: Sequence[Record] = (await session.execute(_ordered(query, wanted))).all()
    return rows


async def one_artist(session: AsyncSession, artist_id: int) -> Record | None:
    return (await session.execute(select(*_ONE, video_count()).where(Artist.id == artist_id))).one_or_none()


async def artist_named(session: AsyncSession, name: str) -> Artist | None:
    """The oldest artist whose name is equal in the database's eyes: blind to case and accents."""
    return await session.scalar(select(Artist).where(Artist.name == name).order_by(Artist.id).limit(1))


async def locked_artist(session: AsyncSession, artist_id: int) -> Artist | None:
    """The row, which nobody else changes until this transaction ends."""
    return await session.scalar(select(Artist).where(Artist.id == artist_id).with_for_update())


async def holder_of(session: AsyncSession, imvdb_id: str, other_than: int) -> Artist | None:
    """Another artist that already has this IMVDb id."""
    return await session.scalar(select(Artist).where(Artist.imvdb_id == imvdb_id, Artist.id != other_than))


async def video_counts(session: AsyncSession, artist_ids: Sequence[int]) -> dict[int, int]:
    query = select(Video.artist_id, func.count(Video.id)).where(Video.artist_id.in_(artist_ids))
    found = {row[0]: row[1] for row in await session.execute(query.group_by(Video.artist_id))}
    return {artist_id: found.get(artist_id, 0) for artist_id in artist_ids}


async def dependents(session: AsyncSession, artist_id: int) -> tuple[int, int]:
    """How many videos and downloads go with an artist."""
    videos = select(func.count(Video.id)).where(Video.artist_id == artist_id).scalar_subquery()
    downloads = select(func.count(Download.id)).where(_downloads_of(artist_id)).scalar_subquery()
    row = (await session.execute(select(videos, downloads))).one()
    return row[0], row[1]


async def delete_artist(session: AsyncSession, artist_id: int) -> None:
    """Deletes the rows of an artist, children first."""
    await session.execute(delete(Download).where(_downloads_of(artist_id)))
    await session.execute(delete(Video).where(Video.artist_id == artist_id))
    await session.execute(delete(Artist).where(Artist.id == artist_id))


async def recount_genres(session: AsyncSession, artist_id: int) -> list[str]:
    """The genres that the artist's videos have by now. Lock the artist first: another count may overtake this one."""
    query = select(Video.genres).where(Video.artist_id == artist_id).order_by(Video.id)
    return mentioned(await session.scalars(query))


def _downloads_of(artist_id: int) -> ColumnElement[bool]:
    videos = select(Video.id).where(Video.artist_id == artist_id)
    return or_(Download.artist_id == artist_id, Download.video_id.in_(videos))


def video_count() -> Label[int]:
    """The number of videos of the artist of a row, as a column."""
    return (
        select(func.count(Video.id))
        .where(Video.artist_id == Artist.id)
        .correlate(Artist)
        .scalar_subquery()
        .label("video_count")
    )


def _filtered(query: Select[Any], wanted: Listing) -> Select[Any]:
    if wanted.search:
        query = query.where(contains(Artist.name, wanted.search))
    if wanted.monitored is not None:
        query = query.where(Artist.monitored == wanted.monitored)
    if wanted.auto_download is not None:
        query = query.where(Artist.auto_download == wanted.auto_download)
    return query


def _ordered(query: Select[Any], wanted: Listing) -> Select[Any]:
    column: ColumnElement[Any] = Artist.created_at if wanted.by_creation else Artist.name  # type: ignore[assignment]
    return query.order_by(column.desc() if wanted.descending else column.asc(), Artist.id)
