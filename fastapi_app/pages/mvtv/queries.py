"""The films that can be played, in an order that a cursor can be put into. No order is kept anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, false, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.genres import rules as genres
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.pages.mvtv.rules import Cursor, Filters, Side, Wish
from fastapi_app.playlists.shuffling import key
from fastapi_app.transaction import Record

_WAVES = (2, 8)
"""How many ids are looked at, in limits: the second time only where many have no file. Each sorts all there are."""
_FILM = (
    Video.id,
    Video.title,
    Video.artist_id,
    Artist.name.label("artist"),
    Video.year,
    Video.duration,
    Video.thumbnail_path,
    Video.local_path,
)


@dataclass(frozen=True)
class Films:
    """Films in the order in which they are played; `more` is the id to go on from, None at the end."""

    rows: Sequence[Record]
    more: int | None


async def films(session: AsyncSession, wish: Wish) -> Films:
    """At most `wish.limit` films.

    The order needs only what the indexes hold; the rows of a few are looked up afterwards. Those that turn out to have
    no file are passed over, and others fetched for them.
    """
    found: list[Record] = []
    cursor = wish.cursor
    for size in (wave * wish.limit for wave in _WAVES):
        ids = (await session.scalars(_ids(session, wish, cursor).limit(size))).all()
        found += await _rows(session, ids)
        cursor = Cursor(_onward(wish), ids[-1]) if len(ids) == size else None
        if cursor is None or len(found) >= wish.limit:
            break
    more = cursor.video_id if cursor else None
    if len(found) > wish.limit:
        found, more = found[: wish.limit], found[wish.limit - 1].id
    return Films(found[::-1] if _onward(wish) is Side.BEFORE else found, more)


async def count(session: AsyncSession, filters: Filters) -> int:
    """How many films there are."""
    query = select(func.count()).select_from(Video).where(*_playable(session, filters))
    return await session.scalar(query) or 0


async def file_of(session: AsyncSession, video_id: int) -> str | None:
    """The stored path of a film."""
    return await session.scalar(select(Video.local_path).where(Video.id == video_id))


def _onward(wish: Wish) -> Side:
    return Side.BEFORE if wish.cursor and wish.cursor.side is Side.BEFORE else Side.AFTER


async def _rows(session: AsyncSession, ids: Sequence[int]) -> list[Record]:
    """The films with these ids that have a file, in the same order."""
    query = select(*_FILM).join(Artist, Artist.id == Video.artist_id).where(Video.id.in_(ids))
    rows = await session.execute(query.where(Video.local_path.is_not(None), Video.local_path != ""))
    found = {row.id: row for row in rows}
    return [found[video_id] for video_id in ids if video_id in found]


def _ids(session: AsyncSession, wish: Wish, cursor: Cursor | None) -> Select[int]:
    query = select(Video.id).where(*_playable(session, wish.filters))
    if cursor is not None:
        query = query.where(_beside(cursor, wish.seed))
    backwards = _onward(wish) is Side.BEFORE
    if wish.seed is None:
        return query.order_by(Video.id.asc() if backwards else Video.id.desc())
    order = (key(Video.id, wish.seed), Video.id)
    return query.order_by(*(column.desc() for column in order) if backwards else order)


def _beside(cursor: Cursor, seed: int | None) -> ColumnElement[bool]:
    number = cursor.video_id
    if cursor.side is Side.AT:
        return or_(Video.id == number, _beside(Cursor(Side.AFTER, number), seed))
    is_after = cursor.side is Side.AFTER
    if seed is None:
        return Video.id < number if is_after else Video.id > number
    here, place = key(Video.id, seed), key(number, seed)
    if is_after:
        return or_(here > place, and_(here == place, Video.id > number))
    return or_(here < place, and_(here == place, Video.id < number))


def _playable(session: AsyncSession, filters: Filters) -> list[ColumnElement[bool]]:
    """What the indexes can tell: whether there is a file is asked when the rows are there."""
    conditions = [_is_downloaded(session)]
    if filters.artist:
        conditions.append(Video.artist_id.in_(select(Artist.id).where(Artist.name == filters.artist)))
    if filters.genre:
        conditions.append(_has_genre(session, filters.genre))
    if filters.decade is not None:
        conditions.append(Video.year.between(filters.decade, filters.decade + 9))
    return conditions


def _is_downloaded(session: AsyncSession) -> ColumnElement[bool]:
    """SQLite compares bytes, which is the same for a name that there is, and calls no Python for each row."""
    status: Any = Video.status
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    downloaded: ColumnElement[bool] = (status.collate("BINARY") if is_sqlite else status) == VideoStatus.DOWNLOADED
    return downloaded


def _has_genre(session: AsyncSession, genre: str) -> ColumnElement[bool]:
    text: Any = type_coerce(Video.genres, Text)
    spellings = genres.spellings(genre)
    if not spellings:
        return false()
    if session.get_bind().dialect.name == "sqlite":
        return or_(*(func.glob(genres.glob_pattern(spelling), text) for spelling in spellings))
    return or_(*(text.like(genres.like_pattern(spelling)) for spelling in spellings))
