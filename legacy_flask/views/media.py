"""The files of a video: the film and the picture."""

from pathlib import PurePosixPath

from flask import Blueprint, Response

from fastapi_app.models import Video, VideoStatus
from legacy_flask.access import Access, requires
from legacy_flask.configuration import current_settings
from legacy_flask.database import transaction, writing
from legacy_flask.errors import NotFound
from legacy_flask.file_answer import answer_file
from legacy_flask.stored_paths import existing_file, locate
from legacy_flask.thumbnail_files import answer_picture
from legacy_flask.transcode import needs_transcoding, transcoded
from legacy_flask.views.videos import find_video

blueprint = Blueprint("media", __name__, url_prefix="/api/videos/<int:video_id>")

_MISSING = "Video file not found"


@blueprint.get("/stream")
@requires(Access.READ)
def stream(video_id: int) -> Response:
    """The video's file, with ranges and conditions. mkv and avi are turned into MP4 on the fly, without ranges.

    A downloaded video whose file is gone becomes wanted again, and its artist monitored.
    """
    with transaction() as session:
        stored = find_video(session, video_id).local_path
    if not stored:
        raise NotFound(_MISSING)
    path = existing_file(stored, current_settings())
    if path is None:
        raise _missing(video_id, stored)
    return transcoded(path) if needs_transcoding(stored) else answer_file(path, PurePosixPath(stored).name)


@blueprint.get("/thumbnail")
@requires(Access.READ)
def thumbnail(video_id: int) -> Response:
    """The stored picture of a video, else a placeholder."""
    with transaction() as session:
        stored = find_video(session, video_id).thumbnail_path
    return answer_picture([stored] if stored else [], "placeholder-video.png")


def _missing(video_id: int, stored: str) -> NotFound:
    """The answer for a file that is gone, after its row was told; of one outside, or not mounted, nothing is known."""
    place = locate(stored, current_settings())
    if place is None or not place.is_gone:
        return NotFound(_MISSING)
    with writing() as session:
        video = session.query(Video).filter(Video.id == video_id).first()
        if video is not None and video.status is VideoStatus.DOWNLOADED and video.local_path == stored:
            video.status, video.local_path = VideoStatus.WANTED, None
            video.artist.monitored = True
    message = "File has been marked as wanted and will be re-downloaded"
    return NotFound(_MISSING, message=message, status="wanted")
