"""The SQL of the genre routes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, case, false, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from fastapi_app.genres import rules
from fastapi_app.models import Artist, Video
from fastapi_app.transaction import Record

Genres = InstrumentedAttribute[Any | None]

_VIDEO = (
    Video.id,
    Video.title,
    Video.artist_id,
    Artist.name.label("artist_name"),
    Video.genres,
    Video.year,
    Video.duration,
    Video.status,
)
_SHORT = 200
"""Characters of a list."""

_ARTIST = (Artist.id, Artist.name, Artist.genres, Artist.monitored)


async def lists_in_use(session: AsyncSession, column: ColumnElement[Any] | Genres) -> Sequence[Any]:
    """The different lists in a column of JSON: far fewer than rows.

    MariaDB compares texts without a bound on disk, row by row; nearly all lists are short, and those it has in memory.
    """
    every = select(column).where(column.is_not(None)).distinct()
    if session.get_bind().dialect.name == "sqlite":
        return (await session.scalars(every)).all()
    length: ColumnElement[int] = func.char_length(type_coerce(column, Text))
    short = case((length <= _SHORT, func.left(column, _SHORT, type_=column.type)))
    found = (await session.scalars(select(short).where(column.is_not(None)).distinct())).all()
    shorts = [value for value in found if value is not None]
    if len(shorts) == len(found):
        return shorts
    return [*shorts, *await session.scalars(every.where(length > _SHORT))]


async def genres_of_video(session: AsyncSession, video_id: int) -> Any:
    return await session.scalar(select(Video.genres).where(Video.id == video_id))


async def genres_of_artist(session: AsyncSession, artist_id: int) -> Any:
    return await session.scalar(select(Artist.genres).where(Artist.id == artist_id))


async def videos_of(session: AsyncSession, genre: str, limit: int) -> Sequence[Record]:
    """The oldest videos of a genre with the names of their artists."""
    query = select(*_VIDEO).outerjoin(Artist, Artist.id == Video.artist_id).where(_has(session, Video.genres, genre))
    return (await session.execute(query.order_by(Video.id).limit(limit))).all()


async def artists_of(session: AsyncSession, genre: str, limit: int) -> Sequence[Record]:
    """The oldest artists of a genre with the number of their videos."""
    videos = select(func.count(Video.id)).where(Video.artist_id == Artist.id).correlate(Artist).scalar_subquery()
    query = select(*_ARTIST, videos.label("video_count")).where(_has(session, Artist.genres, genre))
    return (await session.execute(query.order_by(Artist.id).limit(limit))).all()


async def artist_id_of(session: AsyncSession, video_id: int) -> int | None:
    return await session.scalar(select(Video.artist_id).where(Video.id == video_id))


def _has(session: AsyncSession, column: Genres, genre: str) -> ColumnElement[bool]:
    """Whether one whole entry of the column is `genre`, case and accents included."""
    if len(genre) > rules.LONGEST:
        return false()
    text = type_coerce(column, Text)
    spellings = rules.spellings(genre)
    if session.get_bind().dialect.name == "sqlite":
        return or_(*(func.glob(rules.glob_pattern(spelling), text) for spelling in spellings))
    return or_(*(text.like(rules.like_pattern(spelling)) for spelling in spellings))
