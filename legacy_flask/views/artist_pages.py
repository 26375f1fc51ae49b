"""The pages about artists: thin shells with what is stored, as plain HTML."""

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy import func
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.errors import NotFound
from legacy_flask.request_values import query
from legacy_flask.row_id import may_exist
from legacy_flask.visitor import find_visitor

blueprint = Blueprint("artist_pages", __name__)

_PER_PAGE = 48
_LONGEST_SEARCH = 200
_LAST_PAGE = 999_999


@blueprint.get("/artists")
@requires(Access.READ)
def artists() -> Response:
    """A page of artists by name, with the number of their videos. A visitor may type anything into its query."""
    search = query().get("q", "").replace("\0", "").strip()[:_LONGEST_SEARCH]
    visitor = find_visitor()
    with transaction() as session:
        found = session.query(Artist)
        if search:
            found = found.filter(Artist.name.like(f"%{search}%"))
        matched = found.count()
        pages = max(1, -(-matched // _PER_PAGE))
        page = min(_page_number(query().get("page", "")), pages)
        rows = found.order_by(Artist.name, Artist.id).offset((page - 1) * _PER_PAGE).limit(_PER_PAGE).all()
        answer = render_template(
            "artists.html",
            artists=[(artist.id, artist.name, _videos(session, artist.id)) for artist in rows],
            search=search,
            matched=matched,
            page=page,
            pages=pages,
            user_name=visitor.username if visitor else "",
        )
    return make_response(answer)


@blueprint.get("/artist/<int:artist_id>")
@requires(Access.READ)
def artist(artist_id: int) -> Response:
    """One artist with all the videos. 0.9 sent an empty page for an artist that there is not; here that is a 404."""
    visitor = find_visitor()
    with transaction() as session:
        found = session.get(Artist, artist_id) if may_exist(artist_id) else None
        if found is None:
            raise NotFound("Artist not found")
        videos = session.query(Video).filter(Video.artist_id == artist_id).order_by(Video.title, Video.id).all()
        page = render_template(
            "artist.html", artist=found, videos=videos, user_name=visitor.username if visitor else ""
        )
    return make_response(page)


def _videos(session: Session, artist_id: int) -> int:
    return session.query(func.count(Video.id)).filter(Video.artist_id == artist_id).scalar() or 0


def _page_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_PAGE))):
        return 1
    return max(1, int(text))
