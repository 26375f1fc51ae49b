"""The artist routes."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import ColumnElement, func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Query, Session

from fastapi_app.models import Artist, Video
from legacy_flask import artist_rules, thumbnail_files
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import Conflict, NotFound
from legacy_flask.fields import query_flag
from legacy_flask.request_values import json_body, query
from legacy_flask.row_id import may_exist
from legacy_flask.thumbnail_rules import stored_files

blueprint = Blueprint("artists", __name__, url_prefix="/api/artists")

_SORTS: dict[str, Any] = {"name": Artist.name, "created_at": Artist.created_at}


@blueprint.get("/")
@requires(Access.READ)
def list_artists() -> Response:
    """A page of artists: one count, then the page with the number of videos of each."""
    wanted = artist_rules.read_page(query())
    with transaction() as session:
        found = _filtered(session.query(Artist), wanted)
        total = found.count()
        rows = _page(session, found, wanted)
        return jsonify(
            artists=[_listed(artist, videos) for artist, videos in rows],
            count=len(rows),
            total=total,
            page=wanted.page,
            per_page=wanted.per_page,
            pages=ceil(total / wanted.per_page),
        )


@blueprint.post("/")
@requires(Access.MODIFY)
def create_artist() -> tuple[Response, int]:
    """Tracks a new artist. A name that differs only in case or accents is already taken."""
    columns = artist_rules.new_artist(json_body())
    with transaction() as session:
        if session.query(Artist).filter(Artist.name == columns["name"]).first() is not None:
            raise Conflict("Artist already exists")
        artist = Artist(**columns)
        session.add(artist)
        _flush(session)
        return jsonify(id=artist.id, name=artist.name, message="Artist added successfully"), 201


@blueprint.get("/<int:artist_id>")
@requires(Access.READ)
def get_artist(artist_id: int) -> Response:
    """One artist with the number of videos."""
    with transaction() as session:
        artist = _artist(session, artist_id)
        return jsonify(
            id=artist.id,
            name=artist.name,
            imvdb_id=artist.imvdb_id,
            thumbnail_url=artist.thumbnail_url,
            auto_download=artist.auto_download,
            keywords=artist.keywords,
            monitored=artist.monitored,
            metadata="MetaData()",
            genres=artist.genres,
            video_count=_video_count(session, artist.id),
            created_at=iso(artist.created_at),
        )


@blueprint.put("/<int:artist_id>")
@requires(Access.MODIFY)
def update_artist(artist_id: int) -> Response:
    """The older address of the next one."""
    return _update(artist_id)


@blueprint.put("/<int:artist_id>/settings")
@requires(Access.MODIFY)
def update_settings(artist_id: int) -> Response:
    """Changes the members that the body names. 409 tells which artist already has the IMVDb id."""
    return _update(artist_id)


@blueprint.delete("/<int:artist_id>")
@requires(Access.MANAGE)
def delete_artist(artist_id: int) -> Response:
    """Deletes an artist with its rows and its pictures. Video files stay. With videos it needs `force`."""
    with transaction() as session:
        artist = _artist(session, artist_id)
        name, pictures = artist.name, stored_files(artist.thumbnail_path, artist.thumbnail_metadata)
        videos = list(artist.videos)
        downloads = {download.id for download in artist.downloads}
        downloads |= {download.id for video in videos for download in video.downloads}
        if videos and not query_flag(query().get("force")):
            raise _has_videos(name, len(videos), len(downloads))
        session.delete(artist)
    # The pictures go after the commit: a failed deletion leaves them where they are.
    thumbnail_files.remove(pictures)
    gone = {
        "artist_id": artist_id,
        "artist_name": name,
        "videos_deleted": len(videos),
        "downloads_deleted": len(downloads),
    }
    return jsonify(success=True, message=f'Artist "{name}" deleted successfully', deleted_data=gone)


def _filtered(found: Query[Artist], wanted: artist_rules.Page) -> Query[Artist]:
    if wanted.search:
        found = found.filter(Artist.name.like(f"%{wanted.search}%"))
    if wanted.monitored is not None:
        found = found.filter(Artist.monitored == wanted.monitored)
    if wanted.auto_download is not None:
        found = found.filter(Artist.auto_download == wanted.auto_download)
    return found


def _page(session: Session, found: Query[Artist], wanted: artist_rules.Page) -> list[Any]:
    counts = session.query(Video.artist_id, func.count(Video.id).label("video_count")).group_by(Video.artist_id)
    videos = counts.subquery()
    column: ColumnElement[Any] = _SORTS.get(wanted.sort, _SORTS["name"])
    rows = (
        found.outerjoin(videos, Artist.id == videos.c.artist_id)
        .add_columns(func.coalesce(videos.c.video_count, 0).label("video_count"))
        .order_by(column.desc() if wanted.descending else column.asc())
    )
    return rows.offset((wanted.page - 1) * wanted.per_page).limit(wanted.per_page).all()


def _artist(session: Session, artist_id: int) -> Artist:
    found = session.query(Artist).filter(Artist.id == artist_id).first() if may_exist(artist_id) else None
    if found is None:
        raise NotFound("Artist not found")
    return found


def _video_count(session: Session, artist_id: int) -> int:
    return session.query(Video).filter(Video.artist_id == artist_id).count()


def _update(artist_id: int) -> Response:
    changes = artist_rules.changes(json_body())
    with transaction() as session:
        artist = _artist(session, artist_id)
        _refuse_taken_id(session, artist, changes.get("imvdb_id"))
        for column, value in changes.items():
            setattr(artist, column, value)
        _flush(session)
        return jsonify(success=True, message="Artist settings updated successfully", artist=_settings(artist))


def _refuse_taken_id(session: Session, artist: Artist, imvdb_id: str | None) -> None:
    if not imvdb_id:
        return
    holder = session.query(Artist).filter(Artist.imvdb_id == imvdb_id, Artist.id != artist.id).first()
    if holder is not None:
        raise Conflict(
            f'IMVDb ID {imvdb_id} is already assigned to artist "{holder.name}"',
            duplicate_conflict=True,
            current_artist=_party(session, artist),
            existing_artist=_party(session, holder),
        )


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("Another artist already has this imvdb_id") from None


def _has_videos(name: str, videos: int, downloads: int) -> Conflict:
    message = f"This artist has {videos} videos and {downloads} downloads"
    return Conflict(
        f'Artist "{name}" has videos; delete them too with force=true',
        details={"video_count": videos, "download_count": downloads, "message": message},
    )


def _listed(artist: Artist, video_count: int) -> Mapping[str, Any]:
    return {
        "id": artist.id,
        "name": artist.name,
        "imvdb_id": artist.imvdb_id,
        "thumbnail_url": artist.thumbnail_url,
        "auto_download": artist.auto_download,
        "keywords": artist.keywords,
        "monitored": artist.monitored,
        "created_at": iso(artist.created_at),
        "video_count": video_count,
        "has_thumbnail": bool(artist.thumbnail_url or artist.thumbnail_path),
        "has_imvdb_data": bool(artist.imvdb_id),
    }


def _settings(artist: Artist) -> Mapping[str, Any]:
    return {
        "id": artist.id,
        "name": artist.name,
        "imvdb_id": artist.imvdb_id,
        "folder_path": artist.folder_path,
        "keywords": artist.keywords or [],
        "monitored": artist.monitored,
        "auto_download": artist.auto_download,
        "updated_at": iso(artist.updated_at),
    }


def _party(session: Session, artist: Artist) -> Mapping[str, Any]:
    return {
        "id": artist.id,
        "name": artist.name,
        "imvdb_id": artist.imvdb_id,
        "video_count": _video_count(session, artist.id),
        "monitored": artist.monitored,
        "auto_download": artist.auto_download,
    }
