"""The search page. Works as a plain form; the library's script follows typing."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app.bodies import query_values
from fastapi_app.errors import BadField
from fastapi_app.pages.asking import Reader
from fastapi_app.pages.cards import LABELS, length
from fastapi_app.pages.markup import render, url_for
from fastapi_app.route import Route
from fastapi_app.search import rules
from fastapi_app.search.kinds import Kind
from fastapi_app.search.queries import search
from fastapi_app.search.words import MOST_CHARACTERS
from fastapi_app.transaction import Transaction

router = APIRouter(route_class=Route, include_in_schema=False)

FEW = 6
"""Results of each kind where all are shown."""

MANY = 30
HEADINGS: Mapping[Kind, str] = {Kind.ARTISTS: "Artists", Kind.VIDEOS: "Videos", Kind.PLAYLISTS: "Playlists"}


@router.get("/search")
async def show_search(request: Request, session: Transaction, visitor: Reader) -> Response:
    """The best of each kind, or page after page of one. What makes no sense in the address counts as absent."""
    values = query_values(request)
    text, kinds = " ".join(values.get("q", "").split())[:MOST_CHARACTERS], _kinds(values.get("kind", ""))
    after = values.get("after", "") if len(kinds) == 1 else ""
    limit = FEW if len(kinds) > 1 else MANY
    try:
        found = await search(session, text, kinds, limit, after or None)
    except BadField:
        found = await search(session, text, kinds, limit)
    return render(
        request,
        "search.html",
        visitor=visitor,
        place="search",
        here=url_for(request)("/search"),
        text=text,
        chosen=kinds[0].value if len(kinds) == 1 else "",
        choices=[("", "Everything"), *((kind.value, HEADINGS[kind]) for kind in Kind)],
        found=[(kind, HEADINGS[kind], page) for kind, page in found.items() if page.rows],
        more={kind: _query(text, kind, page.after, limit) for kind, page in found.items() if page.after},
        is_first=not after,
        length=length,
        labels=LABELS,
        longest=MOST_CHARACTERS,
    )


def _kinds(text: str) -> Sequence[Kind]:
    try:
        return rules.asked({"kind": text}).kinds
    except BadField:
        return tuple(Kind)


def _query(text: str, kind: Kind, after: str | None, limit: int) -> str:
    """From the overview to all of one kind; from there to the next page."""
    given = {"q": text, "kind": kind.value}
    return "?" + urlencode(given if limit == FEW or after is None else {**given, "after": after})
