"""Looking for new videos in a playlist, in the request. 0.9 kept its session open meanwhile; here it ends."""

from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import or_
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, PlaylistMonitor, Video, VideoStatus, now
from legacy_flask import download_threads, monitor_rules
from legacy_flask.artist_locks import alone
from legacy_flask.configuration import current_settings
from legacy_flask.database import transaction
from legacy_flask.errors import LegacyError, NotFound, Unavailable
from legacy_flask.job_rows import Wish, submit
from legacy_flask.job_visibility import owner
from legacy_flask.playlist_films import SOURCE, is_wanted, read_entries, read_film, watch_address
from legacy_flask.playlist_rules import HIDDEN, round_message
from legacy_flask.youtube import BATCH, current_youtube

_GIVES_UP_AFTER = 3
"""Playlists in a row for which YouTube was not to be had: then the others wait for another day."""
_MISSING = "Playlist monitor not found"


def sync(monitor_id: int, key: str) -> dict[str, Any]:
    """Stores the videos of a playlist that the library lacks, and tells how many.

    Raises NotFound, Conflict or YouTubeFailed; what was stored by then stays.
    """
    user_id = owner()
    with transaction() as session:
        monitor = session.get(PlaylistMonitor, monitor_id)
        if monitor is None:
            raise NotFound(_MISSING)
        playlist_id, keywords = monitor.playlist_id, monitor_rules.read_keywords(monitor.keywords)
    items = current_youtube().entries(key, playlist_id)
    if items is None:
        raise NotFound(HIDDEN)
    entries = read_entries(items)
    with transaction() as session:
        # A query for each, as in 0.9.
        lacking = [one for one in entries if is_wanted(one, keywords) and not _is_known(session, one["youtube_id"])]
    new = downloads = 0
    for start in range(0, len(lacking), BATCH):
        films = _described(key, lacking[start : start + BATCH])
        stored, wanted = alone(partial(_store, monitor_id, user_id, films))
        new, downloads = new + stored, downloads + wanted
        if wanted:
            download_threads.wake(current_settings())
    moved = alone(partial(_settle, monitor_id, entries))
    return {
        "total_videos": len(entries),
        "new_videos": new,
        "updated_videos": moved,
        "downloaded_videos": downloads,
        "errors": [],
    }


def sync_each(monitors: list[tuple[int, str]], key: str) -> dict[str, Any]:
    """One playlist after the other, each told of its own failure."""
    synced = new = downloads = in_a_row = 0
    errors: list[str] = []
    for monitor_id, name in monitors:
        try:
            found = sync(monitor_id, key)
            synced, new, downloads = synced + 1, new + found["new_videos"], downloads + found["downloaded_videos"]
            in_a_row = 0
        except LegacyError as error:
            current_app.logger.warning("the sync of playlist %s failed: %s", monitor_id, type(error).__name__)
            errors.append(f"{name}: {error.message}")
            in_a_row += isinstance(error, Unavailable)
        if in_a_row == _GIVES_UP_AFTER:
            break
    return {
        "total_playlists": len(monitors),
        "synced_playlists": synced,
        "total_new_videos": new,
        "total_downloads": downloads,
        "errors": errors,
    }


def message_of(results: dict[str, Any]) -> str:
    """What came of all playlists, in one sentence."""
    return round_message(results["synced_playlists"], results["total_playlists"], results["total_new_videos"])


def _described(key: str, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The films that YouTube knows more about."""
    told = current_youtube().videos(key, [entry["youtube_id"] for entry in entries])
    by_id = {item.get("id"): item for item in told if isinstance(item, dict) and isinstance(item.get("id"), str)}
    films = [read_film(by_id[entry["youtube_id"]], entry) for entry in entries if entry["youtube_id"] in by_id]
    return [film for film in films if film is not None]


def _is_known(session: Session, youtube_id: str) -> bool:
    """Columns are blind to case, and YouTube's ids are not."""
    url = watch_address(youtube_id)
    same = or_(Video.youtube_id == youtube_id, Video.youtube_url == url, Video.url == url)
    videos = session.query(Video).filter(same).all()
    return any(video.youtube_id == youtube_id or url in (video.youtube_url, video.url) for video in videos)


def _store(monitor_id: int, user_id: int | None, films: list[dict[str, Any]], session: Session) -> tuple[int, int]:
    """How many videos are new by now, and how many of them will be downloaded.

    All monitors are locked, so that two playlists never store the same video at the same moment.
    """
    monitor = _locked(session, monitor_id)
    stored = wanted = 0
    for film in films:
        if _is_known(session, film["youtube_id"]):
            continue
        artist = _artist(session, film["artist_name"])
        video = _row(film, artist, monitor)
        session.add(video)
        session.flush()
        stored += 1
        if monitor.auto_download:
            wish = Wish(artist.name, video.title, video.url, video.id, monitor.quality or "")
            submit(session, wish, user_id)
            wanted += 1
    return stored, wanted


def _locked(session: Session, monitor_id: int) -> PlaylistMonitor:
    monitors = session.query(PlaylistMonitor).order_by(PlaylistMonitor.id)
    for monitor in monitors.with_for_update(nowait=True).populate_existing():
        if monitor.id == monitor_id:
            return monitor
    raise NotFound(_MISSING)


def _artist(session: Session, name: str) -> Artist:
    """The oldest artist of that name, or a new one, who is not monitored: nobody asked for all the other videos."""
    named = session.query(Artist).filter(Artist.name == name).order_by(Artist.id)
    found = named.with_for_update(nowait=True).first()
    if found is None:
        found = Artist(name=name, monitored=False, source=SOURCE)
        session.add(found)
        session.flush()
    return found


def _row(film: dict[str, Any], artist: Artist, monitor: PlaylistMonitor) -> Video:
    columns = {name: value for name, value in film.items() if name not in ("artist_name", "channel", "published_at")}
    told = {"published_at": film["published_at"], "channel_title": film["channel"]}
    return Video(
        **columns,
        artist_id=artist.id,
        youtube_url=watch_address(film["youtube_id"]),
        url=watch_address(film["youtube_id"]),
        playlist_id=monitor.playlist_id,
        source=SOURCE,
        status=VideoStatus.WANTED if monitor.auto_download else VideoStatus.MONITORED,
        quality=monitor.quality,
        discovered_date=now(),
        video_metadata={"youtube_data": told},
    )


def _settle(monitor_id: int, entries: list[dict[str, Any]], session: Session) -> int:
    """Notes that the playlist was looked at, and gives its videos their places. Returns how many moved."""
    monitor = _locked(session, monitor_id)
    monitor.last_check = now()
    monitor.last_video_count = len(entries)
    places = {entry["youtube_id"]: entry["position"] for entry in entries}
    moved = 0
    for video in session.query(Video).filter(Video.playlist_id == monitor.playlist_id).order_by(Video.id):
        place = places.get(video.youtube_id)
        if place is not None and place != video.playlist_position:
            video.playlist_position = place
            moved += 1
    return moved
