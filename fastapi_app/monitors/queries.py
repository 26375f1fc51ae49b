"""The SQL of the watched playlists. Their videos hold the same playlist id, by convention only."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, delete, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Download, PlaylistMonitor, Setting, Video
from fastapi_app.transaction import Record

_SHOWN = (
    PlaylistMonitor.id,
    PlaylistMonitor.playlist_id,
    PlaylistMonitor.playlist_url,
    PlaylistMonitor.name,
    PlaylistMonitor.channel_title,
    PlaylistMonitor.auto_download,
    PlaylistMonitor.quality,
    PlaylistMonitor.keywords,
    PlaylistMonitor.last_check,
    PlaylistMonitor.created_at,
)
_OF_PLAYLIST = Video.playlist_id == PlaylistMonitor.playlist_id


async def monitors(session: AsyncSession, monitor_id: int | None = None) -> Sequence[Record]:
    """One monitor, or all."""
    return (await session.execute(select(*_SHOWN).where(_chosen(monitor_id)).order_by(PlaylistMonitor.id))).all()


async def video_counts(session: AsyncSession, monitor_id: int | None = None) -> dict[int, int]:
    """How many videos each monitor has brought; those without any are missing."""
    query = select(PlaylistMonitor.id, func.count(Video.id)).join(Video, _OF_PLAYLIST).where(_chosen(monitor_id))
    return {row[0]: row[1] for row in await session.execute(query.group_by(PlaylistMonitor.id))}


async def recent_videos(session: AsyncSession, most: int, monitor_id: int | None = None) -> Sequence[Record]:
    """The newest videos of each monitor, at most so many each, in one query."""
    newest = (Video.created_at.desc(), Video.id.desc())
    place = func.row_number().over(partition_by=PlaylistMonitor.id, order_by=newest).label("place")
    columns = (PlaylistMonitor.id.label("monitor_id"), Video.id, Video.title, Video.status, Video.created_at, place)
    ranked = select(*columns).join(Video, _OF_PLAYLIST).where(_chosen(monitor_id)).subquery("ranked")
    query = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.monitor_id, ranked.c.place)
    return (await session.execute(query)).all()


async def locked_monitor(session: AsyncSession, monitor_id: int) -> PlaylistMonitor | None:
    """The row, which nobody else changes until this transaction ends."""
    return await session.scalar(select(PlaylistMonitor).where(PlaylistMonitor.id == monitor_id).with_for_update())


async def delete_videos(session: AsyncSession, playlist_id: str) -> None:
    """Deletes the rows of a playlist's videos, their downloads first."""
    videos = select(Video.id).where(Video.playlist_id == playlist_id)
    await session.execute(delete(Download).where(Download.video_id.in_(videos)))
    await session.execute(delete(Video).where(Video.playlist_id == playlist_id))


async def settings(session: AsyncSession, keys: Iterable[str]) -> dict[str, str | None]:
    """The stored values of these settings by name."""
    rows = await session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(keys)))
    return {row.key: row.value for row in rows}


def _chosen(monitor_id: int | None) -> ColumnElement[bool]:
    return true() if monitor_id is None else PlaylistMonitor.id == monitor_id
