"""The SQL of looking for new videos in watched playlists."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, PlaylistMonitor, Video, VideoStatus, sort_key
from fastapi_app.monitors.sync.films import SOURCE, Entry, Film, address
from fastapi_app.monitors.sync.rules import Facts, Wish
from fastapi_app.transaction import Record

_WATCHED = (PlaylistMonitor.id, PlaylistMonitor.name, PlaylistMonitor.playlist_id, PlaylistMonitor.keywords)


async def watched(session: AsyncSession, monitor_id: int | None = None) -> Sequence[Record]:
    """`id`, `name`, `playlist_id` and `keywords` of one monitor, or of all."""
    query = select(*_WATCHED).order_by(PlaylistMonitor.id)
    return (await session.execute(query if monitor_id is None else query.where(PlaylistMonitor.id == monitor_id))).all()


async def monitor_of(session: AsyncSession, playlist_id: str) -> int | None:
    """The id of the monitor that watches a playlist."""
    return await session.scalar(select(PlaylistMonitor.id).where(PlaylistMonitor.playlist_id == playlist_id))


def new_monitor(playlist_id: str, wish: Wish, facts: Facts) -> PlaylistMonitor:
    return PlaylistMonitor(
        playlist_id=playlist_id,
        playlist_url=wish.url,
        name=wish.name or facts.title or playlist_id,
        channel_title=facts.channel_title,
        channel_id=facts.channel_id,
        auto_download=wish.auto_download,
        quality=wish.quality,
        keywords=wish.keywords,
    )


async def lock_monitors(session: AsyncSession) -> dict[int, PlaylistMonitor]:
    """All monitors, so that two playlists never store the same video at the same moment."""
    query = select(PlaylistMonitor).order_by(PlaylistMonitor.id).with_for_update(nowait=True)
    return {monitor.id: monitor for monitor in await session.scalars(query.execution_options(populate_existing=True))}


async def known(session: AsyncSession, youtube_ids: Collection[str]) -> set[str]:
    """Those of these videos that the library has. Columns are blind to case, and ids are not: each row is compared."""
    addresses = {address(one): one for one in youtube_ids}
    columns = (Video.youtube_id, Video.youtube_url, Video.url)
    named = or_(Video.youtube_id.in_(youtube_ids), Video.youtube_url.in_(addresses), Video.url.in_(addresses))
    found: set[str | None] = set()
    for row in await session.execute(select(*columns).where(named)):
        found |= {row.youtube_id, addresses.get(row.youtube_url), addresses.get(row.url)}
    return {one for one in youtube_ids if one in found}


async def lock_artists(session: AsyncSession, names: Iterable[str]) -> dict[str, Artist]:
    """The artists of these names by sort key, locked; of several alike the oldest."""
    query = select(Artist).where(Artist.name.in_(set(names))).order_by(Artist.id.desc()).with_for_update(nowait=True)
    return {sort_key(artist.name): artist for artist in await session.scalars(query)}


def new_artist(name: str) -> Artist:
    """Not monitored: whoever watches a playlist did not ask for all the other videos of everybody in it."""
    return Artist(name=name, monitored=False, source=SOURCE)


def new_video(film: Film, artist: Artist, monitor: PlaylistMonitor, at: datetime) -> Video:
    return Video(
        artist_id=artist.id,
        title=film.title,
        youtube_id=film.youtube_id,
        youtube_url=film.url,
        url=film.url,
        playlist_id=monitor.playlist_id,
        playlist_position=film.position,
        source=SOURCE,
        thumbnail_url=film.thumbnail_url,
        duration=film.duration,
        year=film.year,
        description=film.description,
        view_count=film.view_count,
        like_count=film.like_count,
        status=VideoStatus.WANTED if monitor.auto_download else VideoStatus.MONITORED,
        quality=monitor.quality,
        discovered_date=at,
        video_metadata={"youtube_data": {"published_at": film.published_at, "channel_title": film.channel}},
    )


async def move(session: AsyncSession, playlist_id: str, places: Mapping[str, Entry]) -> int:
    """Gives the videos of a playlist the places that they have by now. Returns how many had another one."""
    columns = (Video.id, Video.youtube_id, Video.playlist_position)
    rows = await session.execute(select(*columns).where(Video.playlist_id == playlist_id).order_by(Video.id))
    moved = [
        {"id": row.id, "playlist_position": places[row.youtube_id].position}
        for row in rows
        if row.youtube_id in places and row.playlist_position != places[row.youtube_id].position
    ]
    if moved:
        await session.execute(update(Video), moved)
    return len(moved)
