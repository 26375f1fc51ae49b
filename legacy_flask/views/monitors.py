"""The routes of the watched playlists, as far as they ask only the database."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Download, PlaylistMonitor, Setting, Video
from legacy_flask import monitor_rules
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import NotFound
from legacy_flask.request_values import json_body, query
from legacy_flask.row_id import may_exist

blueprint = Blueprint("monitors", __name__, url_prefix="/api/youtube/playlists")

_RECENT = 5


@blueprint.get("/")
@requires(Access.READ)
def list_monitors() -> Response:
    """Every watched playlist. The videos of each are counted and read by themselves, as in 0.9."""
    with transaction() as session:
        monitors = session.query(PlaylistMonitor).order_by(PlaylistMonitor.id).all()
        shown = [_shown(session, monitor) for monitor in monitors]
    return jsonify(playlists=shown, count=len(shown))


@blueprint.get("/status")
@requires(Access.READ)
def status() -> Response:
    """Whether there is a key for YouTube, and where MeTube was."""
    with transaction() as session:
        key, host, port = (_setting(session, name) for name in ("youtube_api_key", "metube_host", "metube_port"))
    return jsonify(monitor_rules.youtube_status(key, host, port))


@blueprint.get("/<int:monitor_id>")
@requires(Access.READ)
def get_monitor(monitor_id: int) -> Response:
    """One watched playlist with the number of its videos and the newest of them."""
    with transaction() as session:
        return jsonify(_shown(session, _monitor(session, monitor_id)))


@blueprint.put("/<int:monitor_id>")
@requires(Access.MODIFY)
def update_monitor(monitor_id: int) -> Response:
    """Changes the members that the body names."""
    changes = monitor_rules.changes(json_body())
    with transaction() as session:
        monitor = _monitor(session, monitor_id)
        for column, value in changes.items():
            setattr(monitor, column, value)
    return jsonify(success=True, message="Playlist monitor updated successfully")


@blueprint.delete("/<int:monitor_id>")
@requires(Access.MANAGE)
def delete_monitor(monitor_id: int) -> Response:
    """Stops watching a playlist. With `delete_videos` the rows of its videos and their downloads go; files stay."""
    also_videos = monitor_rules.takes_videos(query())
    with transaction() as session:
        monitor = _monitor(session, monitor_id)
        if also_videos:
            _delete_videos(session, monitor.playlist_id)
        session.delete(monitor)
    message = "Playlist monitor deleted successfully"
    return jsonify(success=True, message=message, videos_deleted=also_videos)


def _monitor(session: Session, monitor_id: int) -> PlaylistMonitor:
    monitors = session.query(PlaylistMonitor).filter(PlaylistMonitor.id == monitor_id)
    found = monitors.first() if may_exist(monitor_id) else None
    if found is None:
        raise NotFound("Playlist monitor not found")
    return found


def _delete_videos(session: Session, playlist_id: str) -> None:
    videos = session.query(Video).filter(Video.playlist_id == playlist_id)
    gone = videos.with_entities(Video.id).scalar_subquery()
    session.query(Download).filter(Download.video_id.in_(gone)).delete(synchronize_session=False)
    videos.delete(synchronize_session=False)


def _setting(session: Session, key: str) -> str | None:
    found: str | None = session.query(Setting.value).filter(Setting.key == key).scalar()
    return found


def _shown(session: Session, monitor: PlaylistMonitor) -> dict[str, Any]:
    videos = session.query(Video).filter(Video.playlist_id == monitor.playlist_id)
    recent = videos.order_by(Video.created_at.desc(), Video.id.desc()).limit(_RECENT).all()
    return {
        "id": monitor.id,
        "playlist_id": monitor.playlist_id,
        "playlist_url": monitor.playlist_url,
        "name": monitor.name,
        "channel_title": monitor.channel_title,
        "auto_download": monitor.auto_download,
        "quality": monitor.quality,
        "keywords": monitor_rules.read_keywords(monitor.keywords),
        "video_count": videos.count(),
        "last_check": iso(monitor.last_check),
        "created_at": iso(monitor.created_at),
        "recent_videos": [_video(video) for video in recent],
    }


def _video(video: Video) -> dict[str, Any]:
    return {"id": video.id, "title": video.title, "status": video.status, "created_at": iso(video.created_at)}
