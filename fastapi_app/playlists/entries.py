"""The SQL of what stands in playlists made by hand, and in those whose findings are stored.

Whoever changes entries has the playlist's row locked (`changing`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.database import rows_changed
from fastapi_app.models import Artist, PlaylistEntry, Video
from fastapi_app.playlists.places import STEP, Neighbour, between, room
from fastapi_app.transaction import Record
from fastapi_app.videos.bulk.queries import portions

VIDEO: tuple[Any, ...] = (
    Video.id.label("video_id"),
    Video.title,
    Video.artist_id,
    Artist.name.label("artist_name"),
    Video.year,
    Video.duration,
    Video.status,
    Video.thumbnail_path,
    Video.thumbnail_url,
    Video.local_path,
)
"""What is shown of a video in a playlist."""
_IN_ORDER = (PlaylistEntry.position, PlaylistEntry.id)


async def page_of_entries(session: AsyncSession, playlist_id: int, offset: int, limit: int) -> Sequence[Record]:
    """A page, chosen in the index before anything is looked up."""
    chosen = select(PlaylistEntry.id).where(PlaylistEntry.playlist_id == playlist_id).order_by(*_IN_ORDER)
    page = chosen.limit(limit).offset(offset).subquery("page")
    query = select(PlaylistEntry.id, PlaylistEntry.added_at, *VIDEO).select_from(page)
    query = query.join(PlaylistEntry, PlaylistEntry.id == page.c.id).join(Video, Video.id == PlaylistEntry.video_id)
    query = query.outerjoin(Artist, Artist.id == Video.artist_id).order_by(*_IN_ORDER)
    return (await session.execute(query)).all()


async def count(session: AsyncSession, playlist_id: int) -> int:
    query = select(func.count()).select_from(PlaylistEntry).where(PlaylistEntry.playlist_id == playlist_id)
    return await session.scalar(query) or 0


async def add(
    session: AsyncSession, playlist_id: int, video_ids: Sequence[int], position: int | None, moment: datetime
) -> None:
    """Puts videos that exist and are not there yet at a place from 1, else at the end."""
    before, after = await _neighbours(session, playlist_id, position)
    places = await _room_between(session, playlist_id, before, after, len(video_ids))
    columns = {"playlist_id": playlist_id, "added_at": moment}
    found = [
        {**columns, "video_id": video_id, "position": place} for video_id, place in zip(video_ids, places, strict=True)
    ]
    if found:
        await session.execute(insert(PlaylistEntry), found)


async def move(session: AsyncSession, playlist_id: int, entry_id: int, position: int) -> bool:
    """Puts an entry at a place from 1; beyond the end is the end. False where it is not in the playlist."""
    mine = (PlaylistEntry.id == entry_id, PlaylistEntry.playlist_id == playlist_id)
    if await session.scalar(select(PlaylistEntry.id).where(*mine)) is None:
        return False
    before, after = await _neighbours(session, playlist_id, position, without=entry_id)
    places = await _room_between(session, playlist_id, before, after, 1)
    await session.execute(update(PlaylistEntry).where(*mine).values(position=places[0]))
    return True


async def remove(session: AsyncSession, playlist_id: int, entry_id: int) -> bool:
    """Whether there was such an entry."""
    mine = (PlaylistEntry.id == entry_id, PlaylistEntry.playlist_id == playlist_id)
    return rows_changed(await session.execute(delete(PlaylistEntry).where(*mine))) > 0


async def locked_videos(session: AsyncSession, video_ids: Sequence[int]) -> set[int]:
    """Those that exist. Nobody deletes them until this transaction ends.

    Asked for before entries are touched, as whoever deletes videos locks them first, too: no two wait for each other.
    """
    query = select(Video.id).where(Video.id.in_(video_ids)).order_by(Video.id)
    return set(await session.scalars(query.with_for_update(read=True)))


async def present(session: AsyncSession, playlist_id: int, video_ids: Sequence[int]) -> set[int]:
    """Those of these videos that are in the playlist."""
    query = select(PlaylistEntry.video_id).where(PlaylistEntry.playlist_id == playlist_id)
    return set(await session.scalars(query.where(PlaylistEntry.video_id.in_(video_ids))))


async def moments(session: AsyncSession, playlist_id: int) -> dict[int, datetime]:
    """When each video came into the playlist, in their order."""
    query = select(PlaylistEntry.video_id, PlaylistEntry.added_at).where(PlaylistEntry.playlist_id == playlist_id)
    query = query.order_by(*_IN_ORDER)
    return {row.video_id: row.added_at for row in await session.execute(query)}


async def replace(session: AsyncSession, playlist_id: int, added_at: Mapping[int, datetime]) -> None:
    """Makes these videos, in this order, all that the playlist has."""
    await session.execute(delete(PlaylistEntry).where(PlaylistEntry.playlist_id == playlist_id))
    for some in portions(list(_numbered(playlist_id, added_at.items()))):
        await session.execute(insert(PlaylistEntry), some)


def _numbered(playlist_id: int, videos: Iterable[tuple[int, datetime]]) -> Iterator[dict[str, Any]]:
    for place, (video_id, added_at) in enumerate(videos, start=1):
        yield {"playlist_id": playlist_id, "video_id": video_id, "position": place * STEP, "added_at": added_at}


async def _neighbours(
    session: AsyncSession, playlist_id: int, position: int | None, without: int = 0
) -> tuple[Neighbour | None, Neighbour | None]:
    """What stands before and after the place that something new gets; `without` counts as taken away already."""
    query = select(PlaylistEntry.position, PlaylistEntry.id)
    query = query.where(PlaylistEntry.playlist_id == playlist_id, PlaylistEntry.id != without)
    if position is not None:
        ahead = position - 1
        two = query.order_by(*_IN_ORDER).limit(2 if ahead else 1).offset(max(0, ahead - 1))
        found = [Neighbour(*row) for row in await session.execute(two)]
        if not ahead:
            return None, found[0] if found else None
        if found:
            return found[0], found[1] if len(found) > 1 else None
    last = (await session.execute(query.order_by(*(column.desc() for column in _IN_ORDER)).limit(1))).first()
    return (Neighbour(*last) if last else None), None


async def _room_between(
    session: AsyncSession, playlist_id: int, before: Neighbour | None, after: Neighbour | None, count: int
) -> list[int]:
    """Positions between two neighbours. Where there is no room, all from `after` on move up first."""
    places = between(before, after, count)
    if places is None and after is not None:
        rest = update(PlaylistEntry).where(PlaylistEntry.playlist_id == playlist_id, _from(after))
        await session.execute(rest.values(position=PlaylistEntry.position + room(count)))
        places = between(before, Neighbour(after.position + room(count), after.entry_id), count)
    return places or []


def _from(first: Neighbour) -> ColumnElement[bool]:
    """This entry, and those after it."""
    same = and_(PlaylistEntry.position == first.position, PlaylistEntry.id >= first.entry_id)
    return or_(PlaylistEntry.position > first.position, same)
