"""What MvTV plays: the films of the library that fit, or those of a playlist in its own order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.visitor import Visitor
from fastapi_app.media.content_type import needs_transcoding
from fastapi_app.models import now
from fastapi_app.pages.mvtv import queries
from fastapi_app.pages.mvtv.rules import Cursor, Side, Wish
from fastapi_app.playlists import criteria, playing, reading
from fastapi_app.playlists.queries import page_of_playlists
from fastapi_app.playlists.rules import Listing, Turn
from fastapi_app.playlists.standing import standing_of
from fastapi_app.transaction import Record

_CHOICES = 200


@dataclass(frozen=True)
class Part:
    """A part of a programme. `more` is the id to go on from, None at the end; `total` is what the whole holds."""

    films: list[dict[str, Any]]
    more: int | None
    total: int | None = None
    name: str = ""
    """Of the playlist."""


async def part(session: AsyncSession, visitor: Visitor, wish: Wish) -> Part:
    """Raises NotFound for a playlist that the visitor does not see, Conflict for one whose rules can't be read."""
    if wish.filters.playlist is not None:
        return await _of_playlist(session, visitor, wish.filters.playlist, wish)
    found = await queries.films(session, wish)
    return Part([_film(row, row.id, row.artist) for row in found.rows], found.more)


async def playlists(session: AsyncSession, visitor: Visitor) -> Sequence[Record]:
    """Those to choose among, by name."""
    return await page_of_playlists(session, Listing(1, _CHOICES), await standing_of(session, visitor))


async def _of_playlist(session: AsyncSession, visitor: Visitor, playlist_id: int, wish: Wish) -> Part:
    row = (await standing_of(session, visitor)).seen(await reading.row_of(session, playlist_id))
    films = _films(session, row, wish.seed)
    turn = Turn(wish.seed, *_sides(wish.cursor), wish.limit)
    if wish.cursor and wish.cursor.side is Side.AT:
        _, before = await playing.stretch(
            session, films, replace(turn, before=wish.cursor.video_id, after=None, limit=1)
        )
        turn = replace(turn, after=before[0].video_id if before else None)
    total, found = await playing.stretch(session, films, turn)
    last = found[-1] if found else None
    more = last.video_id if last is not None and last.place < total else None
    return Part([_film(one, one.video_id, one.artist_name or "") for one in found], more, total, row.name)


def _sides(cursor: Cursor | None) -> tuple[int | None, int | None]:
    """After and before, as the queue of a playlist is asked."""
    told = {cursor.side: cursor.video_id} if cursor else {}
    return told.get(Side.AFTER), told.get(Side.BEFORE)


def _films(session: AsyncSession, row: Record, seed: int | None) -> Select[Any]:
    if not reading.looks_itself(row):
        return playing.films_of(row.id, seed)
    wanted = criteria.of_row(row.filter_criteria)
    return playing.films_found(wanted, now(), seed, session.get_bind().dialect.name)


def _film(row: Record, video_id: int, artist: str) -> dict[str, Any]:
    """A film as clients know it."""
    return {
        "id": video_id,
        "title": row.title,
        "artist_id": row.artist_id,
        "artist": artist,
        "year": row.year,
        "duration": row.duration,
        "has_thumbnail": bool(row.thumbnail_path),
        "is_converted": needs_transcoding(row.local_path),
    }
