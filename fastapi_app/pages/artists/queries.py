"""The SQL of the page of artists: counts, one page, and how many videos each on it has."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists.queries import video_count
from fastapi_app.artists.search.json_text import has_entry
from fastapi_app.containing import contains
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.pages.artists.criteria import LETTERS, OTHER, Criteria, Sort, Watched
from fastapi_app.pages.paging import Paging
from fastapi_app.transaction import Record

_FIRST, _BEYOND = "A", "α"
"""Latin names lie between these two on both databases: digits and signs come before, other scripts behind."""
_SHOWN = (
    Artist.id,
    Artist.name,
    Artist.monitored,
    Artist.auto_download,
    Artist.keywords,
    Artist.thumbnail_path,
)


async def matches(session: AsyncSession, criteria: Criteria) -> dict[Watched, int]:
    """How many artists match, by whether they are monitored; that choice itself doesn't count."""
    columns: tuple[Any, ...] = (_watched(), func.count())
    query = _found(session, select(*columns), criteria).group_by(_watched())
    counts = dict.fromkeys(Watched, 0)
    for is_watched, number in await session.execute(query):
        counts[Watched.YES if is_watched else Watched.NO] += number
    return counts


async def page(session: AsyncSession, criteria: Criteria, paging: Paging) -> Sequence[Record]:
    """The artists of one page. An index decides which they are where it can; only their rows are read."""
    by, descending = _place(criteria.sort)
    query = _found(session, select(Artist.id, by.label("place")), criteria)
    if criteria.watched:
        query = query.where(_watched().is_(criteria.watched is Watched.YES))
    chosen = query.order_by(by.desc() if descending else by, Artist.id).limit(paging.size).offset(paging.offset)
    table = chosen.subquery("chosen")
    rows = select(*_SHOWN).join(table, table.c.id == Artist.id)
    ordered = rows.order_by(table.c.place.desc() if descending else table.c.place, table.c.id)
    return (await session.execute(ordered)).all()


async def video_counts(session: AsyncSession, artist_ids: Sequence[int]) -> dict[int, dict[VideoStatus | None, int]]:
    """How many videos these artists have, by status."""
    query = select(Video.artist_id, Video.status, func.count()).where(Video.artist_id.in_(artist_ids))
    counts: dict[int, dict[VideoStatus | None, int]] = {artist_id: {} for artist_id in artist_ids}
    for artist_id, status, number in await session.execute(query.group_by(Video.artist_id, Video.status)):
        counts[artist_id][status] = counts[artist_id].get(status, 0) + number
    return counts


def _watched() -> ColumnElement[bool]:
    """Said so that no index is used: few rows are not monitored, and the page is in the order of names."""
    return func.coalesce(Artist.monitored, False)


def _place(sort: Sort) -> tuple[ColumnElement[Any], bool]:
    """What a sort goes by, and whether from its end."""
    if sort is Sort.VIDEOS:
        return video_count().element, True
    name: ColumnElement[Any] = Artist.name  # type: ignore[assignment]
    added: ColumnElement[Any] = Artist.created_at  # type: ignore[assignment]
    return (added, True) if sort is Sort.NEWEST else (name, False)


def _found(session: AsyncSession, query: Select[Any], criteria: Criteria) -> Select[Any]:
    if criteria.search:
        query = query.where(contains(Artist.name, criteria.search))
    if criteria.letter:
        query = query.where(_begins(criteria.letter))
    if criteria.genre:
        query = query.where(has_entry(Artist.genres, criteria.genre, session.get_bind().dialect.name))
    return query


def _begins(letter: str) -> ColumnElement[bool]:
    """A range, which an index answers; blind to case and accents as the column is."""
    if letter == OTHER:
        return or_(Artist.name < _FIRST, Artist.name >= _BEYOND)
    behind = LETTERS[LETTERS.index(letter) + 1]
    return and_(Artist.name >= letter, Artist.name < (_BEYOND if behind == OTHER else behind))
