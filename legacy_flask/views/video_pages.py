"""The page about one video: a thin shell with what is stored, as plain HTML."""

from flask import Blueprint, Response, make_response, render_template

from fastapi_app.models import Video
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.errors import NotFound
from legacy_flask.row_id import may_exist
from legacy_flask.visitor import find_visitor

blueprint = Blueprint("video_pages", __name__)


@blueprint.get("/video/<int:video_id>")
@requires(Access.READ)
def video(video_id: int) -> Response:
    """One video and others of the artist. 0.9 sent an empty page for a video that there is not; here that is a 404."""
    visitor = find_visitor()
    with transaction() as session:
        found = session.get(Video, video_id) if may_exist(video_id) else None
        if found is None:
            raise NotFound("Video not found")
        others = session.query(Video).filter(Video.artist_id == found.artist_id, Video.id != video_id)
        page = render_template(
            "video.html",
            video=found,
            artist=found.artist,
            others=others.order_by(Video.title, Video.id).limit(50).all(),
            user_name=visitor.username if visitor else "",
        )
    return make_response(page)
