"""The one door to everything that is searched: `search`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, PlaylistMonitor, Video
from fastapi_app.search import cursor, mariadb_tiers, sqlite_tiers
from fastapi_app.search.cursor import Place
from fastapi_app.search.kinds import INDEX_PREFIX, Kind
from fastapi_app.search.tiers import Tier
from fastapi_app.search.words import Wanted, read
from fastapi_app.transaction import Record


@dataclass(frozen=True)
class Found:
    """The rows of one page, the best first, and what to send as `after` for the next; None where there is none."""

    rows: Sequence[Record]
    after: str | None


async def search(
    session: AsyncSession, text: str, kinds: Sequence[Kind], limit: int, after: str | None = None
) -> Mapping[Kind, Found]:
    """What fits `text`, by kind. `after` goes on where a page of a single kind ended. Raises BadField for a wrong one.

    An empty text finds nothing.
    """
    wanted = read(text)
    place = cursor.read(after, len(Tier)) if after else None
    if not wanted.text:
        return {kind: Found((), None) for kind in kinds}
    return {kind: await _search(session, kind, wanted, limit, place) for kind in kinds}


async def _search(session: AsyncSession, kind: Kind, wanted: Wanted, limit: int, place: Place | None) -> Found:
    places = await _places(session, kind, wanted, limit + 1, place)
    shown = places[:limit]
    rows = await _rows(session, kind, [each.row_id for each in shown])
    return Found(rows, cursor.write(shown[-1]) if len(places) > limit else None)


async def _places(session: AsyncSession, kind: Kind, wanted: Wanted, limit: int, place: Place | None) -> list[Place]:
    """The next rows from `place` on: tier after tier until there are enough."""
    side = sqlite_tiers if session.get_bind().dialect.name == "sqlite" else mariadb_tiers
    found: list[Place] = []
    if place is None or place.tier == Tier.BEGINS:
        after = (place.title, place.row_id) if place else None
        begun = await side.begins(session, kind, wanted, after, limit)
        found = [Place(Tier.BEGINS, row_id, title) for title, row_id in begun]
    for tier in _tiers(kind, wanted):
        if len(found) >= limit:
            break
        if place is not None and tier < place.tier:
            continue
        before = place.row_id if place is not None and tier == place.tier else None
        try:
            more = await side.ids(session, kind, wanted, tier, before, limit - len(found))
        except DBAPIError as error:
            if not is_missing(error):
                raise
            break
        found += [Place(tier, row_id) for row_id in more]
    return found


def is_missing(error: DBAPIError) -> bool:
    """Whether there is no index, because it is being made anew. What begins with the text is found all the same."""
    said = str(error.orig)
    return INDEX_PREFIX in said and ("no such table" in said or "1146" in said or "1191" in said)


def _tiers(kind: Kind, wanted: Wanted) -> tuple[Tier, ...]:
    """The tiers of words that a kind has. Signs alone are no words."""
    if not wanted.words:
        return ()
    last = {Kind.ARTISTS: Tier.BEGUN_IN_TITLE, Kind.PLAYLISTS: Tier.IN_NAMES, Kind.VIDEOS: Tier.ANYWHERE}[kind]
    return tuple(tier for tier in Tier if Tier.BEGINS < tier <= last)


_ENTITIES: Mapping[Kind, Any] = {Kind.ARTISTS: Artist, Kind.VIDEOS: Video, Kind.PLAYLISTS: PlaylistMonitor}


async def _rows(session: AsyncSession, kind: Kind, ids: Sequence[int]) -> Sequence[Record]:
    """What is shown of these rows, in this order."""
    if not ids:
        return ()
    query = _SELECTS[kind].where(_ENTITIES[kind].id.in_(ids))
    by_id = {row.id: row for row in await session.execute(query)}
    return [by_id[row_id] for row_id in ids if row_id in by_id]


_SELECTS: Mapping[Kind, Any] = {
    Kind.ARTISTS: select(
        Artist.id,
        Artist.name,
        Artist.thumbnail_path,
        select(func.count(Video.id))
        .where(Video.artist_id == Artist.id)
        .correlate(Artist)
        .scalar_subquery()
        .label("videos"),
    ),
    Kind.VIDEOS: select(
        Video.id,
        Video.title,
        Video.artist_id,
        Artist.name.label("artist"),
        Video.year,
        Video.duration,
        Video.status,
        Video.thumbnail_path,
        Video.local_path,
    ).join(Artist, Artist.id == Video.artist_id),
    Kind.PLAYLISTS: select(
        PlaylistMonitor.id,
        PlaylistMonitor.name,
        PlaylistMonitor.channel_title,
        PlaylistMonitor.playlist_url,
        PlaylistMonitor.last_video_count,
    ),
}
