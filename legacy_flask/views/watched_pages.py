"""Watched playlists: a thin shell that lists them."""

from flask import Blueprint, Response, make_response, render_template

from fastapi_app.models import PlaylistMonitor
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.request_values import query
from legacy_flask.visitor import find_visitor

blueprint = Blueprint("watched_pages", __name__)


@blueprint.get("/youtube-playlists")
@requires(Access.READ)
def watched() -> Response:
    """Every watched playlist, with a link to where it comes from."""
    query()
    visitor = find_visitor()
    with transaction() as session:
        page = render_template(
            "youtube_playlists.html",
            playlists=session.query(PlaylistMonitor).order_by(PlaylistMonitor.name, PlaylistMonitor.id).all(),
            user_name=visitor.username if visitor else "",
        )
    return make_response(page)
