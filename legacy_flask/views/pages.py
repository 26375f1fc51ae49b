"""The pages: thin shells, rendered here."""

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Download
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.library_view import LABELS, PAGE_SIZES, SORTS, View, count_matches, page_of_videos, read_view
from legacy_flask.request_values import query
from legacy_flask.visitor import find_visitor

blueprint = Blueprint("pages", __name__)

_NEWEST, _FAILED = 6, 5


@blueprint.get("/")
@requires(Access.READ)
def start() -> Response:
    """The dashboard: how much there is, what came last, and what failed last."""
    visitor = find_visitor()
    with transaction() as session:
        videos = count_matches(session, "")
        page = render_template(
            "dashboard.html",
            artists=session.query(Artist).count(),
            everything=sum(videos.values()),
            statuses=[(status, label, videos.get(status, 0)) for status, label in LABELS.items()],
            newest=page_of_videos(session, View(sort="newest", page_size=_NEWEST)),
            failed=_failed(session),
            user_name=visitor.username if visitor else "",
        )
    return make_response(page)


def _failed(session: Session) -> list[tuple[str, str]]:
    """Title and reason of the downloads that failed last."""
    rows = session.query(Download).filter(Download.status == "failed").order_by(Download.id.desc()).limit(_FAILED)
    return [(row.title, row.error_message or "") for row in rows]


@blueprint.get("/videos")
@requires(Access.READ)
def library() -> Response:
    """The library: one count, one page of videos. A visitor may type anything into its query."""
    wanted: View = read_view(query())
    visitor = find_visitor()
    with transaction() as session:
        counts = count_matches(session, wanted.search)
        matched = counts.get(wanted.status, 0) if wanted.status else sum(counts.values())
        shown = wanted.on_page_of(matched)
        page = render_template(
            "library.html",
            cards=page_of_videos(session, shown) if matched else [],
            view=shown,
            matched=matched,
            pages=shown.pages(matched),
            statuses=[(status, label, counts.get(status, 0)) for status, label in LABELS.items()],
            everything=sum(counts.values()),
            sorts=SORTS,
            page_sizes=PAGE_SIZES,
            user_name=visitor.username if visitor else "",
        )
    return make_response(page)
