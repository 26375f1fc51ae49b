"""The video routes that work on rows. `media.py` has those that send files."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import asc, desc
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video
from legacy_flask import video_rules
from legacy_flask.access import Access, requires
from legacy_flask.artist_rules import most_frequent_genres
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import Conflict, NotFound
from legacy_flask.moving import Move, begin_move
from legacy_flask.request_values import json_body, query
from legacy_flask.row_id import may_exist

blueprint = Blueprint("videos", __name__, url_prefix="/api/videos")

_SORTS: dict[str, Any] = {
    "title": Video.title,
    "artist_name": Artist.name,
    "year": Video.year,
    "created_at": Video.created_at,
    "status": Video.status,
}


@blueprint.get("/")
@requires(Access.READ)
def list_videos() -> Response:
    """Videos in order; every row when there is no limit. Their artists are loaded one by one, as in 0.9."""
    wanted = video_rules.read_window(query())
    order = desc if wanted.descending else asc
    with transaction() as session:
        total = session.query(Video).count()
        rows = session.query(Video).outerjoin(Artist, Video.artist_id == Artist.id)
        rows = rows.order_by(order(_SORTS.get(wanted.sort, Video.title)))
        if wanted.limit is not None:
            rows = rows.offset(wanted.offset).limit(wanted.limit)
        videos = rows.all()
        return jsonify(
            videos=[_listed(video) for video in videos],
            count=len(videos),
            total=total,
            offset=wanted.offset,
            limit=wanted.limit,
        )


@blueprint.get("/<int:video_id>")
@requires(Access.READ)
def get_video(video_id: int) -> Response:
    """One video with its genres."""
    with transaction() as session:
        return jsonify(_one(find_video(session, video_id)))


@blueprint.put("/<int:video_id>")
@requires(Access.MODIFY)
def update_video(video_id: int) -> Response:
    """Changes the members that the body names, and with `move_file` renames the file after its new title or artist."""
    body = json_body()
    changes = video_rules.changes(body)
    artist_name = video_rules.artist_name(body)
    move: Move | None = None
    try:
        with transaction() as session:
            if "genres" in changes:
                _lock_artist(session, video_id)
            video = find_video(session, video_id)
            before = (video.title, video.artist_id)
            for column, value in changes.items():
                setattr(video, column, value)
            if artist_name is not None:
                video.artist = _artist_named(session, artist_name)
            _flush(session)
            if "genres" in changes:
                _recount_genres(session, video.artist)
            if body.get("move_file") and before != (video.title, video.artist_id):
                move = begin_move(video)
            answer = jsonify({**_one(video), "file_moved": move is not None})
    except BaseException:  # the edge of the move: whatever ended the transaction, the file keeps its old name only
        if move is not None:
            move.undo()
        raise
    if move is not None:
        move.finish()
    return answer


@blueprint.delete("/<int:video_id>")
@requires(Access.MANAGE)
def delete_video(video_id: int) -> Response:
    """Deletes the rows of a video and its downloads. Its file and its picture stay."""
    with transaction() as session:
        video = find_video(session, video_id)
        gone = {"id": video.id, "title": video.title, "artist_name": _artist_name(video)}
        session.delete(video)
    return jsonify(message="Video deleted successfully", video=gone)


def find_video(session: Session, video_id: int) -> Video:
    """The row. Raises NotFound."""
    found = session.query(Video).filter(Video.id == video_id).first() if may_exist(video_id) else None
    if found is None:
        raise NotFound("Video not found")
    return found


def _artist_named(session: Session, name: str) -> Artist:
    """The oldest artist of this name, who is made where unknown."""
    found = session.query(Artist).filter(Artist.name == name).order_by(Artist.id).first()
    if found is None:
        found = Artist(name=name)
        session.add(found)
    return found


def _lock_artist(session: Session, video_id: int) -> None:
    """Two videos of one artist count its genres one after the other, or one of them would count what was."""
    found = session.query(Video.artist_id).filter(Video.id == video_id).first() if may_exist(video_id) else None
    if found is not None:
        session.query(Artist.id).filter(Artist.id == found[0]).with_for_update().first()


def _recount_genres(session: Session, artist: Artist | None) -> None:
    if artist is not None:
        rows = session.query(Video.genres).filter(Video.artist_id == artist.id).order_by(Video.id)
        artist.genres = most_frequent_genres(row[0] for row in rows.with_for_update(read=True).all())
        session.flush()


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("Another video already has this imvdb_id") from None


def _artist_name(video: Video) -> str | None:
    artist: Artist | None = video.artist  # an old database may have lost the row
    return artist.name if artist is not None else None


def _listed(video: Video) -> dict[str, Any]:
    return {
        "id": video.id,
        "title": video.title,
        "artist_id": video.artist_id,
        "artist_name": _artist_name(video),
        "status": video.status,
        "imvdb_id": video.imvdb_id,
        "video_url": video.url,
        "local_path": video.local_path,
        "thumbnail_url": video.thumbnail_url,
        "duration": video.duration,
        "year": video.year,
        "created_at": iso(video.created_at),
    }


def _one(video: Video) -> dict[str, Any]:
    return {**_listed(video), "genres": video.genres}
