"""The routes of the watched playlists that ask YouTube, and wait for it."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_app.models import PlaylistMonitor, Setting
from legacy_flask import playlist_rules as rules
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.errors import BadRequest, Conflict, LegacyError, NotFound
from legacy_flask.request_values import json_body
from legacy_flask.row_id import may_exist
from legacy_flask.syncing import message_of, sync, sync_each
from legacy_flask.youtube import current_youtube

blueprint = Blueprint("monitor_sync", __name__, url_prefix="/api/youtube/playlists")


@blueprint.post("/")
@requires(Access.MODIFY)
def create_monitor() -> Response:
    """Watches a playlist, and takes what is in it by now. It stays watched when this first look fails."""
    columns = rules.new_monitor(json_body())
    with transaction() as session:
        key = _demanded_key(session)
        playlist_id = rules.playlist_id(columns["playlist_url"])
        _refuse_second(session, playlist_id)
    found = current_youtube().playlist(key, playlist_id)
    if found is None:
        raise NotFound(rules.HIDDEN)
    monitor_id = _store(playlist_id, columns, rules.described(found))
    try:
        results = sync(monitor_id, key)
    except LegacyError as error:
        counted = ("total_videos", "new_videos", "updated_videos", "downloaded_videos")
        results = {**dict.fromkeys(counted, 0), "errors": [error.message]}
    message = f"Playlist monitor created, {results['new_videos']} new videos"
    return jsonify(success=True, message=message, monitor_id=monitor_id, sync_results=results)


@blueprint.post("/<int:monitor_id>/sync")
@requires(Access.MODIFY)
def sync_monitor(monitor_id: int) -> Response:
    """Stores what the playlist holds and the library lacks: WANTED where it downloads by itself, else MONITORED."""
    with transaction() as session:
        monitors = session.query(PlaylistMonitor).filter(PlaylistMonitor.id == monitor_id)
        if not may_exist(monitor_id) or monitors.first() is None:
            raise NotFound("Playlist monitor not found")
        key = _demanded_key(session)
    results = sync(monitor_id, key)
    return jsonify(success=True, message=f"Playlist synced, {results['new_videos']} new videos", results=results)


@blueprint.post("/sync-all")
@requires(Access.MANAGE)
def sync_all() -> Response:
    """The same, playlist by playlist."""
    results = _round(*_everything())
    return jsonify(success=True, message=message_of(results), results=results)


@blueprint.post("/sync")
@requires(Access.MANAGE)
def sync_from_settings() -> Response:
    """As `sync-all`, for the settings page; without a key it is refused."""
    monitors, key = _everything()
    if not key:
        raise BadRequest(rules.NO_KEY, success=False)
    results = _round(monitors, key)
    return jsonify(
        success=results["synced_playlists"] > 0 or results["errors"] == [],
        synced_count=results["synced_playlists"],
        new_videos=results["total_new_videos"],
        message="; ".join([message_of(results), *results["errors"][:1]]),
    )


def _everything() -> tuple[list[tuple[int, str]], str]:
    """Id and name of every monitor, and the key, which may be empty."""
    with transaction() as session:
        monitors = session.query(PlaylistMonitor).order_by(PlaylistMonitor.id).all()
        return [(monitor.id, monitor.name) for monitor in monitors], _key(session)


def _round(monitors: list[tuple[int, str]], key: str) -> dict[str, Any]:
    if key:
        return sync_each(monitors, key)
    results = sync_each([], key)
    return {
        **results,
        "total_playlists": len(monitors),
        "errors": [f"{name}: {rules.NO_KEY}" for _, name in monitors],
    }


def _store(playlist_id: str, columns: dict[str, Any], told: dict[str, Any]) -> int:
    """The id of the new row. Somebody else may have made one meanwhile."""
    name = columns["name"] or told["name"] or playlist_id
    monitor = PlaylistMonitor(**{**told, **columns, "name": name}, playlist_id=playlist_id)
    try:
        with transaction() as session:
            session.add(monitor)
            session.flush()
            return monitor.id
    except IntegrityError:
        with transaction() as session:
            _refuse_second(session, playlist_id)
        raise


def _refuse_second(session: Session, playlist_id: str) -> None:
    found = session.query(PlaylistMonitor).filter(PlaylistMonitor.playlist_id == playlist_id).first()
    if found is not None:
        raise Conflict(rules.WATCHED, success=False, message=rules.WATCHED, monitor_id=found.id)


def _demanded_key(session: Session) -> str:
    """Raises BadRequest where no key is set."""
    key = _key(session)
    if not key:
        raise BadRequest(rules.NO_KEY)
    return key


def _key(session: Session) -> str:
    found = session.query(Setting.value).filter(Setting.key == rules.YOUTUBE_KEY).scalar()
    return (found or "").strip()
