"""The pictures of artists."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import or_
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video
from legacy_flask import thumbnail_files, thumbnail_rules, thumbnail_upload
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import BadRequest, NotFound
from legacy_flask.request_values import json_body
from legacy_flask.row_id import may_exist
from legacy_flask.thumbnail_upload import Made, exchange

blueprint = Blueprint("thumbnails", __name__, url_prefix="/api/artists")

_PLACEHOLDER = "placeholder-artist.png"
_SOURCES = ("imvdb", "wikipedia", "manual", "manual_crop")


@blueprint.get("/thumbnail-stats")
@requires(Access.READ)
def statistics() -> Response:
    """The files in the picture folder, and how many artists and videos have a picture: one count each, as in 0.9."""
    storage = thumbnail_files.storage()
    with transaction() as session:
        artists = _coverage(session, Artist)
        artists["by_source"] = {
            source: session.query(Artist).filter(Artist.thumbnail_source == source).count() for source in _SOURCES
        }
        coverage = {"artists": artists, "videos": _coverage(session, Video)}
    moment = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return jsonify(storage=storage, database=coverage, last_updated=moment)


@blueprint.get("/<int:artist_id>/thumbnail")
@requires(Access.READ)
def thumbnail(artist_id: int) -> Response:
    """The stored picture, else a placeholder."""
    with transaction() as session:
        stored = _artist(session, artist_id).thumbnail_path
    return thumbnail_files.answer_picture([stored] if stored else [], _PLACEHOLDER)


@blueprint.put("/<int:artist_id>/thumbnail")
@requires(Access.MODIFY)
def change(artist_id: int) -> Response:
    """Removes the picture. Addresses are refused until pictures can be fetched from them; nothing changes then."""
    removes = thumbnail_rules.is_removal(json_body())
    with exchange(lambda session: _artist(session, artist_id, locks=True)) as swap:
        if not removes:
            raise BadRequest("Failed to download thumbnail from URL")
        artist = swap.row
        artist.thumbnail_url = artist.thumbnail_path = None
        told = {"id": artist.id, "name": artist.name, "thumbnail_url": None, "thumbnail_path": None}
    return jsonify(success=True, message="Thumbnail removed successfully", artist=told)


@blueprint.post("/<int:artist_id>/thumbnail/upload")
@requires(Access.MODIFY)
def upload(artist_id: int) -> Response:
    """Keeps the picture as JPEG in four sizes, and forgets the one before."""
    with exchange(lambda session: _artist(session, artist_id, locks=True)) as swap:
        file = thumbnail_upload.received("thumbnail", "No thumbnail file provided")
        name = swap.row.name
        made = thumbnail_upload.store(thumbnail_upload.begin("artists", name), file)
        swap.take(made, "manual")
        swap.row.thumbnail_url = None
    answer = _told(f"Thumbnail uploaded successfully for {name}", made)
    return jsonify({**answer, "sizes_generated": list(thumbnail_rules.SIZES)})


@blueprint.post("/<int:artist_id>/thumbnail/crop")
@requires(Access.MODIFY)
def crop(artist_id: int) -> Response:
    """Keeps a part of the stored picture, in four sizes, and forgets the rest."""
    box = thumbnail_rules.read_box(json_body())
    with exchange(lambda session: _artist(session, artist_id, locks=True)) as swap:
        name = swap.row.name
        stored = thumbnail_rules.served_as(swap.row.thumbnail_path, swap.row.thumbnail_metadata, "original")
        source = thumbnail_upload.first_file(stored)
        made = thumbnail_upload.store_crop(thumbnail_upload.begin("artists", name), source, box)
        swap.take(made, "manual_crop")
    return jsonify({**_told(f"Thumbnail cropped successfully for {name}", made), "crop_box": list(box)})


@blueprint.get("/<int:artist_id>/thumbnail/info")
@requires(Access.READ)
def info(artist_id: int) -> Response:
    """What the row and the file say of the picture."""
    with transaction() as session:
        artist = _artist(session, artist_id)
        path = artist.thumbnail_path
        return jsonify(
            has_thumbnail=bool(path or artist.thumbnail_url),
            thumbnail_url=artist.thumbnail_url,
            thumbnail_path=path,
            thumbnail_source=artist.thumbnail_source,
            thumbnail_uploaded_at=iso(artist.thumbnail_uploaded_at),
            metadata=artist.thumbnail_metadata,
            file_info=thumbnail_files.describe(path) if path else None,
        )


@blueprint.get("/<int:artist_id>/thumbnail/<size>")
@requires(Access.READ)
def sized(artist_id: int, size: str) -> Response:
    """The picture in one size, the main picture where there is no such size.

    A picture that is only known by its address has not been fetched yet, and is a placeholder until then.
    """
    thumbnail_rules.check_size(size)
    with transaction() as session:
        artist = _artist(session, artist_id)
        stored = thumbnail_rules.served_as(artist.thumbnail_path, artist.thumbnail_metadata, size)
        placeholder = _PLACEHOLDER if artist.thumbnail_url else ""
    return thumbnail_files.answer_picture(stored, placeholder)


def _artist(session: Session, artist_id: int, *, locks: bool = False) -> Artist:
    rows = session.query(Artist).filter(Artist.id == artist_id)
    found = (rows.with_for_update() if locks else rows).first() if may_exist(artist_id) else None
    if found is None:
        raise NotFound("Artist not found")
    return found


def _coverage(session: Session, owner: Any) -> dict[str, Any]:
    total = session.query(owner).count()
    has_picture = or_(owner.thumbnail_url.isnot(None), owner.thumbnail_path.isnot(None))
    covered = session.query(owner).filter(has_picture).count()
    percentage = thumbnail_rules.percentage(covered, total)
    return {"total": total, "with_thumbnails": covered, "coverage_percentage": percentage}


def _told(message: str, made: Made) -> dict[str, Any]:
    return {
        "success": True,
        "message": message,
        "thumbnail_path": made.path,
        "upload_id": made.upload.token,
        "metadata": made.metadata,
    }
