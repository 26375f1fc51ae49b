"""MvTV: a thin shell with one film and links to others."""

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy.orm import Session, contains_eager

from fastapi_app.models import INTEGER_MAX, Video, VideoStatus
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.request_values import query
from legacy_flask.visitor import find_visitor

blueprint = Blueprint("mvtv_pages", __name__)

_FILMS = 50


@blueprint.get("/mvtv")
@requires(Access.READ)
def mvtv() -> Response:
    """The film of the address, or the newest; the newest ones beside it."""
    chosen = query().get("film", "")
    visitor = find_visitor()
    with transaction() as session:
        films = _films(session)
        wanted = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 11 else 0
        film = next((one for one in films if one.id == wanted), None) or _film(session, wanted)
        page = render_template(
            "mvtv.html",
            films=films,
            film=film or (films[0] if films else None),
            user_name=visitor.username if visitor else "",
        )
    return make_response(page)


def _films(session: Session) -> list[Video]:
    playable = session.query(Video).join(Video.artist).options(contains_eager(Video.artist))
    playable = playable.filter(Video.status == VideoStatus.DOWNLOADED, Video.local_path.is_not(None))
    return playable.order_by(Video.id.desc()).limit(_FILMS).all()


def _film(session: Session, video_id: int) -> Video | None:
    found = session.get(Video, video_id) if 0 < video_id <= INTEGER_MAX else None
    return found if found is not None and found.local_path else None
