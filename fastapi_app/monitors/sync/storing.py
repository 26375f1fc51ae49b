"""What is written when a playlist was looked at. Each function is the whole work of one transaction."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.downloads.payload import Download
from fastapi_app.downloads.submitting import submit_download
from fastapi_app.errors import NotFound
from fastapi_app.jobs.dispatch import Messenger
from fastapi_app.models import Artist, PlaylistMonitor, Video, VideoStatus, now, sort_key
from fastapi_app.monitors.rules import MISSING
from fastapi_app.monitors.sync import queries
from fastapi_app.monitors.sync.films import Entry, Film


async def store(
    jobs: Messenger, user_id: int | None, monitor_id: int, found: Sequence[Film], session: AsyncSession
) -> tuple[int, int]:
    """How many videos are new by now, and how many of them will be downloaded. Raises NotFound."""
    monitor = await _locked(session, monitor_id)
    known = await queries.known(session, [film.youtube_id for film in found])
    fresh = [film for film in found if film.youtube_id not in known]
    artists = await _artists(session, [film.artist_name for film in fresh])
    at = now()
    videos = [queries.new_video(film, artists[sort_key(film.artist_name)], monitor, at) for film in fresh]
    session.add_all(videos)
    await session.flush()
    wanted = [video for video in videos if video.status is VideoStatus.WANTED]
    for video in wanted:
        await _submit(session, jobs, user_id, video)
    return len(videos), len(wanted)


async def settle(monitor_id: int, found: Sequence[Entry], session: AsyncSession) -> int:
    """Notes that the playlist was looked at. Returns how many of its videos have another place. Raises NotFound."""
    monitor = await _locked(session, monitor_id)
    monitor.last_check, monitor.last_video_count = now(), len(found)
    return await queries.move(session, monitor.playlist_id, {entry.youtube_id: entry for entry in found})


async def _locked(session: AsyncSession, monitor_id: int) -> PlaylistMonitor:
    found = (await queries.lock_monitors(session)).get(monitor_id)
    if found is None:
        raise NotFound(MISSING)
    return found


async def _artists(session: AsyncSession, names: Sequence[str]) -> dict[str, Artist]:
    """Artists by the sort key of their names; those that are missing are made."""
    found = await queries.lock_artists(session, names)
    for name in names:
        if sort_key(name) not in found:
            found[sort_key(name)] = queries.new_artist(name)
            session.add(found[sort_key(name)])
    await session.flush()
    return found


async def _submit(session: AsyncSession, jobs: Messenger, user_id: int | None, video: Video) -> None:
    payload = Download(video_id=video.id, quality=video.quality or "")
    made = await session.run_sync(submit_download, payload, user_id=user_id)
    jobs.after_commit(session, made.job)
