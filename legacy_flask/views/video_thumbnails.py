"""The pictures of videos. `media.py` sends them."""

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video
from legacy_flask import thumbnail_files, thumbnail_rules, thumbnail_upload
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import NotFound
from legacy_flask.request_values import json_body
from legacy_flask.row_id import may_exist
from legacy_flask.thumbnail_upload import exchange
from legacy_flask.views.videos import find_video

blueprint = Blueprint("video_thumbnails", __name__, url_prefix="/api/videos/<int:video_id>/thumbnail")


@blueprint.put("")
@requires(Access.MODIFY)
def change(video_id: int) -> Response:
    """Keeps an address, which is not asked now, or forgets the picture. Either way the stored file goes."""
    url = thumbnail_rules.video_url(json_body())
    with exchange(lambda session: _locked(session, video_id)) as swap:
        video = swap.row
        video.thumbnail_url, video.thumbnail_path = url, None
        video.thumbnail_source = "manual" if url is not None else None
        if url is None:
            video.thumbnail_metadata = video.thumbnail_uploaded_at = None
    return jsonify(message="Thumbnail removed successfully" if url is None else "Thumbnail URL updated successfully")


@blueprint.post("/upload")
@requires(Access.MODIFY)
def upload(video_id: int) -> Response:
    """Keeps the picture as JPEG in four sizes, and forgets the one before."""
    file = thumbnail_upload.received("file", "No file provided")
    with exchange(lambda session: _locked(session, video_id)) as swap:
        artist: Artist | None = swap.row.artist  # an old database may have lost the row
        name = f"{artist.name if artist is not None else 'Unknown'}_{swap.row.title}"
        made = thumbnail_upload.store(thumbnail_upload.begin("videos", name), file)
        swap.take(made, "manual")
        swap.row.thumbnail_url = None
    return jsonify(message="Thumbnail uploaded successfully", thumbnail_path=made.path, metadata=made.metadata)


@blueprint.get("/info")
@requires(Access.READ)
def info(video_id: int) -> Response:
    """What the row says of the picture, and what its file says where there is one that can be read."""
    with transaction() as session:
        video = find_video(session, video_id)
        path = video.thumbnail_path
        facts = {
            "has_thumbnail": bool(path or video.thumbnail_url),
            "thumbnail_url": video.thumbnail_url,
            "thumbnail_path": path,
            "thumbnail_source": video.thumbnail_source,
            "thumbnail_uploaded_at": iso(video.thumbnail_uploaded_at),
            "thumbnail_metadata": video.thumbnail_metadata,
        }
    described = thumbnail_files.describe(path) if path else None
    return jsonify({**facts, **(described or {})})


def _locked(session: Session, video_id: int) -> Video:
    """The row, which nobody else changes until the end of the transaction. Raises NotFound."""
    found = session.get(Video, video_id, with_for_update=True) if may_exist(video_id) else None
    if found is None:
        raise NotFound("Video not found")
    return found
