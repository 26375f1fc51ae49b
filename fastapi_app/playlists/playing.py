"""The SQL of playing through: the films of a playlist in one order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, PlaylistEntry, Video
from fastapi_app.playlists.criteria import Criteria
from fastapi_app.playlists.entries import VIDEO
from fastapi_app.playlists.findings import limited
from fastapi_app.playlists.matching import fitting, in_order, playable
from fastapi_app.playlists.rules import Turn
from fastapi_app.playlists.shuffling import key
from fastapi_app.transaction import Record
from fastapi_app.videos.bulk.queries import portions

MOST_FILMS = 10_000
"""As many are played through: a month without sleep."""


def films_of(playlist_id: int, seed: int | None) -> Select[Any]:
    """The films among the entries in order, as ids of videos."""
    query = select(PlaylistEntry.video_id).join(Video, Video.id == PlaylistEntry.video_id)
    query = query.where(PlaylistEntry.playlist_id == playlist_id, playable())
    order = (PlaylistEntry.position, PlaylistEntry.id) if seed is None else _shuffled(PlaylistEntry.video_id, seed)
    return query.order_by(*order).limit(MOST_FILMS)


def films_found(wanted: Criteria, moment: datetime, seed: int | None, dialect: str) -> Select[Any]:
    """The same of what rules find. A limit counts before films are told from other videos."""
    if wanted.limit is None:
        query = fitting(wanted, moment, dialect, Video.id).where(playable())
    else:
        found = limited(wanted, moment, dialect, Video.id).subquery("found")
        query = select(Video.id).join(found, found.c.id == Video.id).where(playable())
    query = in_order(query, wanted, dialect) if seed is None else query.order_by(*_shuffled(Video.id, seed))
    return query.limit(MOST_FILMS)


async def stretch(session: AsyncSession, films: Select[Any], turn: Turn) -> tuple[int, Sequence[Record]]:
    """How many films there are, and some of them in order, each with its `place` from 1."""
    ids = (await session.scalars(films)).all()
    first = turn.first(ids)
    chosen = ids[first : turn.last(ids)]
    if not chosen:
        return len(ids), []
    places = {video_id: place for place, video_id in enumerate(chosen, start=first + 1)}
    query = _SHOWN.add_columns(case(places, value=Video.id).label("place")).where(Video.id.in_(chosen))
    rows = (await session.execute(query)).all()
    return len(ids), sorted(rows, key=lambda row: int(row.place))


async def all_of(session: AsyncSession, films: Select[Any]) -> list[Record]:
    """All of them in order."""
    found: dict[int, Record] = {}
    ids = (await session.scalars(films)).all()
    for some in portions(ids):
        found |= {row.video_id: row for row in await session.execute(_SHOWN.where(Video.id.in_(some)))}
    return [found[video_id] for video_id in ids if video_id in found]


def _shuffled(column: Any, seed: int) -> tuple[Any, ...]:
    return key(column, seed), column


_SHOWN: Select[Any] = select(*VIDEO).outerjoin(Artist, Artist.id == Video.artist_id)
