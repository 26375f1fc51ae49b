"""The SQL of playlists as rows of a list."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.containing import contains
from fastapi_app.models import Playlist, PlaylistEntry, User, Video
from fastapi_app.playlists.rules import Listing, Owner, Sort
from fastapi_app.playlists.standing import Standing
from fastapi_app.transaction import Record

Totals = tuple[int, int]
"""Videos, and their seconds together."""

_SHOWN = (
    Playlist.id,
    Playlist.name,
    Playlist.description,
    Playlist.user_id,
    User.username,
    Playlist.is_public,
    Playlist.is_featured,
    Playlist.is_dynamic,
    Playlist.auto_update,
    Playlist.filter_criteria,
    Playlist.video_count,
    Playlist.total_duration,
    Playlist.refreshed_at,
    Playlist.thumbnail_url,
    Playlist.thumbnail_path,
    Playlist.created_at,
    Playlist.updated_at,
)
_SORTS: Mapping[Sort, Any] = {
    Sort.NAME: Playlist.name,
    Sort.CREATED: Playlist.created_at,
    Sort.UPDATED: Playlist.updated_at,
}


async def count_playlists(session: AsyncSession, wanted: Listing, standing: Standing) -> int:
    query = select(func.count()).select_from(Playlist).where(*_conditions(wanted, standing))
    return await session.scalar(query) or 0


async def page_of_playlists(session: AsyncSession, wanted: Listing, standing: Standing) -> Sequence[Record]:
    column = _SORTS[wanted.sort]
    turned = (column.desc(), Playlist.id.desc()) if wanted.descending else (column.asc(), Playlist.id)
    query = _rows().where(*_conditions(wanted, standing)).order_by(*turned)
    rows: Sequence[Record] = (await session.execute(query.limit(wanted.per_page).offset(wanted.offset))).all()
    return rows


async def one_playlist(session: AsyncSession, playlist_id: int) -> Record | None:
    """A row as lists show it, whoever may see it."""
    row: Record | None = (await session.execute(_rows().where(Playlist.id == playlist_id))).one_or_none()
    return row


async def totals_of_entries(session: AsyncSession, playlist_ids: Collection[int]) -> dict[int, Totals]:
    """What the entries of each come to; playlists without entries are missing."""
    if not playlist_ids:
        return {}
    counted = (PlaylistEntry.playlist_id, func.count(), func.sum(func.coalesce(Video.duration, 0)))
    query = select(*counted).join(Video, Video.id == PlaylistEntry.video_id)
    query = query.where(PlaylistEntry.playlist_id.in_(playlist_ids)).group_by(PlaylistEntry.playlist_id)
    return {row[0]: (row[1], int(row[2] or 0)) for row in await session.execute(query)}


async def holding(session: AsyncSession, playlist_ids: Collection[int], video_id: int) -> set[int]:
    """Those of these playlists that have an entry of the video."""
    query = select(PlaylistEntry.playlist_id).where(PlaylistEntry.video_id == video_id)
    return set(await session.scalars(query.where(PlaylistEntry.playlist_id.in_(playlist_ids))))


async def covers(session: AsyncSession, playlist_ids: Sequence[int], most: int) -> dict[int, list[int]]:
    """The first videos that have a picture, of each playlist with entries: for a collage. One query, by the index."""
    if not playlist_ids:
        return {}
    firsts = [select(_first_pictures(playlist_id, most).subquery()) for playlist_id in playlist_ids]
    found: dict[int, list[int]] = {}
    for playlist_id, video_id, _ in await session.execute(union_all(*firsts).order_by("playlist_id", "position")):
        found.setdefault(playlist_id, []).append(video_id)
    return found


async def first_pictured(session: AsyncSession, playlist_id: int) -> int | None:
    """The first video that has a picture."""
    row = (await session.execute(_first_pictures(playlist_id, 1))).first()
    return int(row.video_id) if row is not None else None


async def locked_playlists(session: AsyncSession, playlist_ids: Sequence[int]) -> dict[int, Playlist]:
    """The rows in the order of their ids, which nobody else changes until this transaction ends."""
    query = select(Playlist).where(Playlist.id.in_(playlist_ids)).order_by(Playlist.id).with_for_update()
    return {row.id: row for row in await session.scalars(query)}


async def delete_playlists(session: AsyncSession, playlist_ids: Sequence[int]) -> None:
    """Deletes locked rows; the database deletes their entries."""
    await session.execute(delete(PlaylistEntry).where(PlaylistEntry.playlist_id.in_(playlist_ids)))
    await session.execute(delete(Playlist).where(Playlist.id.in_(playlist_ids)))


async def user_exists(session: AsyncSession, user_id: int) -> bool:
    return await session.scalar(select(User.id).where(User.id == user_id)) is not None


def _rows() -> Select[Any]:
    return select(*_SHOWN).outerjoin(User, User.id == Playlist.user_id)


def _first_pictures(playlist_id: int, most: int) -> Select[Any]:
    columns: tuple[Any, ...] = (PlaylistEntry.playlist_id, PlaylistEntry.video_id, PlaylistEntry.position)
    query: Select[Any] = select(*columns)
    query = query.join(Video, Video.id == PlaylistEntry.video_id)
    query = query.where(PlaylistEntry.playlist_id == playlist_id, Video.thumbnail_path.is_not(None))
    return query.order_by(PlaylistEntry.position, PlaylistEntry.id).limit(most)


def _conditions(wanted: Listing, standing: Standing) -> list[ColumnElement[bool]]:
    conditions = [standing.visible(everything=wanted.owner is Owner.ALL)]
    if wanted.owner is Owner.MINE:
        conditions.append(standing.own())
    if wanted.user_id is not None:
        conditions.append(Playlist.user_id == wanted.user_id)
    if wanted.search:
        conditions.append(contains(Playlist.name, wanted.search) | contains(Playlist.description, wanted.search))
    if wanted.is_dynamic is not None:
        conditions.append(Playlist.is_dynamic.is_(wanted.is_dynamic))
    if wanted.is_featured is not None:
        conditions.append(Playlist.is_featured.is_(wanted.is_featured))
    if wanted.is_changeable:
        conditions.append(standing.changeable())
    return conditions
