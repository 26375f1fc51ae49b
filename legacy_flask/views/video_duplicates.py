"""Finding and merging duplicates."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Download, Video
from legacy_flask import video_duplicate_rules as rules
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import NotFound
from legacy_flask.playlist_succession import list_instead
from legacy_flask.request_values import json_body

blueprint = Blueprint("video_duplicates", __name__, url_prefix="/api/videos/duplicates")


@blueprint.post("/detect")
@requires(Access.READ)
def detect() -> Response:
    """The other videos that have an IMVDb id."""
    video_id, imvdb_id, sent = rules.read_detection(json_body())
    with transaction() as session:
        current = session.query(Video).filter(Video.id == video_id).first()
        if current is None:
            raise NotFound("Video not found")
        others = session.query(Video).filter(Video.imvdb_id == imvdb_id, Video.id != video_id).all()
        if not others:
            return jsonify(duplicates_found=False)
        return jsonify(
            duplicates_found=True,
            current_video=_told(current),
            duplicates=[_told(other) for other in others],
            imvdb_id=sent,
        )


@blueprint.post("/merge")
@requires(Access.MANAGE)
def merge() -> Response:
    """Deletes duplicates after the kept video took over what they had; what has no room goes to its metadata."""
    wanted = rules.read_merge(json_body())
    with transaction() as session:
        kept, duplicates = _all_locked(session, wanted)
        copies = [_columns(video) for video in duplicates]
        films = _clear_away(session, kept, duplicates)
        merged = [_take_over(session, kept, copy, wanted.strategy, films) for copy in copies]
    return jsonify(
        success=True,
        message=f"Successfully merged {len(merged)} duplicate videos",
        primary_video_id=wanted.sent,
        merged_videos=merged,
        merge_strategy=wanted.strategy,
    )


def _all_locked(session: Session, wanted: rules.Merge) -> tuple[Video, list[Video]]:
    """The kept video and the others, locked from the lowest id on, as every request that changes many does it."""
    chosen = session.query(Video).filter(Video.id.in_([wanted.primary, *wanted.duplicates]))
    found = {video.id: video for video in chosen.order_by(Video.id).with_for_update()}
    kept = found.pop(wanted.primary, None)
    if kept is None:
        raise NotFound(rules.NO_PRIMARY)
    if len(found) != len(wanted.duplicates):
        raise NotFound(rules.NO_DUPLICATE)
    return kept, list(found.values())


def _clear_away(session: Session, kept: Video, duplicates: Sequence[Video]) -> set[str]:
    """Moves downloads and places in playlists, deletes the rows: their unique ids are free. The films of downloads."""
    ids = [video.id for video in duplicates]
    known = session.query(Download.file_path).filter(Download.video_id.in_([kept.id, *ids]))
    films = {path for (path,) in known if path}
    moved: dict[Any, Any] = {"video_id": kept.id, "artist_id": kept.artist_id}
    for video in duplicates:
        session.expunge(video)
    session.query(Download).filter(Download.video_id.in_(ids)).update(moved, synchronize_session=False)
    for video_id in ids:
        list_instead(session, kept.id, video_id)
    session.query(Video).filter(Video.id.in_(ids)).delete(synchronize_session=False)
    return films


def _take_over(session: Session, kept: Video, gone: dict[str, Any], strategy: str, films: set[str]) -> dict[str, Any]:
    taken = rules.inherit(_columns(kept), gone, strategy)
    for name, value in taken.columns.items():
        setattr(kept, name, value)
    if taken.second_film and gone["local_path"] not in films:
        films.add(gone["local_path"])
        session.add(_as_download(kept, gone))
    kept.video_metadata = rules.metadata_with(_columns(kept), gone)
    return {"merged_video_id": gone["id"], "merged_title": gone["title"], "merged_data": taken.told}


def _as_download(kept: Video, gone: dict[str, Any]) -> Download:
    """A film for which the kept row has no room."""
    return Download(
        artist_id=kept.artist_id,
        video_id=kept.id,
        title=gone["title"],
        original_url=gone["url"] or gone["youtube_url"] or "",
        file_path=gone["local_path"],
        quality=gone["quality"],
        status="completed",
        progress=100,
    )


def _columns(video: Video) -> dict[str, Any]:
    return {name: getattr(video, name) for name in Video.__table__.columns.keys()}  # noqa: SIM118 - columns, not names


def _told(video: Video) -> dict[str, Any]:
    artist: Artist | None = video.artist  # an old database may have lost the row
    return {
        "id": video.id,
        "title": video.title,
        "artist_name": artist.name if artist is not None else None,
        "status": video.status,
        "year": video.year,
        "url": video.url,
        "local_path": video.local_path,
        "thumbnail_url": video.thumbnail_url,
        "created_at": iso(video.created_at),
    }
