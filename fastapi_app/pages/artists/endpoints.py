"""The page of artists, and the form for a new one. They work without scripts, too."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.artists.changing import NameTaken, add_artist
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import is_json, json_body, query_values
from fastapi_app.caching.caches import Question
from fastapi_app.caching.tags import Tag
from fastapi_app.errors import AppError, BadField, BadRequest
from fastapi_app.pages.artists import queries, rules
from fastapi_app.pages.artists.cards import card
from fastapi_app.pages.artists.criteria import LETTERS, OTHER, PAGE_SIZES, Criteria, Watched
from fastapi_app.pages.asking import Editor, Reader
from fastapi_app.pages.criteria import LONGEST_SEARCH
from fastapi_app.pages.downloads.rights import rights_of
from fastapi_app.pages.markup import render, url_for
from fastapi_app.responses import JSON, redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.users.markup import form_values

router = APIRouter(route_class=Route, include_in_schema=False)

_TABLES = frozenset({Tag.ARTISTS})

_NEW: Mapping[str, str] = {"monitored": "on"}
"""What the form for a new artist begins with."""


@router.get("/artists")
async def show_artists(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Two counts, one page of artists, and the counts of their videos."""
    criteria = Criteria.read(query_values(request))
    counts = await _matches(request, session, criteria)
    paging = rules.paging_of(criteria, counts)
    rows = await queries.page(session, criteria, paging) if paging.matched else []
    videos = await queries.video_counts(session, [row.id for row in rows]) if rows else {}
    return render(
        request,
        "artists.html",
        visitor=visitor,
        place="artists",
        here=url_for(request)("/artists"),
        criteria=criteria,
        paging=paging,
        cards=[card(row, videos[row.id]) for row in rows],
        count_text=rules.count_text(paging),
        choices=rules.watched_choices(criteria, counts),
        sorts=rules.SORT_LABELS.items(),
        letters=[(letter, "#" if letter == OTHER else letter) for letter in LETTERS],
        page_sizes=PAGE_SIZES,
        longest_search=LONGEST_SEARCH,
        rights=await rights_of(visitor, session),
        values=_NEW,
        wrong={},
        existing=None,
    )


async def _matches(request: Request, session: AsyncSession, criteria: Criteria) -> dict[Watched, int]:
    question = Question("artist counts", _TABLES, (criteria.search, criteria.letter, criteria.genre))
    found: dict[Watched, int] = await request.state.caches.value(
        session, question, lambda: queries.matches(session, criteria)
    )
    return found


@router.get("/artists/new")
async def show_form(request: Request, visitor: Editor) -> Response:
    """The form by itself; the page of artists shows the same in a dialog."""
    return _form(request, visitor, {**_NEW, "name": query_values(request).get("name", "")})


@router.post("/artists/new")
async def add(request: Request, session: Transaction, visitor: Editor) -> Response:
    """Tracks an artist and goes to the new page; for the page's script in JSON."""
    speaks_json = is_json(request.headers.get("content-type", ""))
    values = _texts(await json_body(request)) if speaks_json else await form_values(request)
    try:
        artist = await add_artist(session, rules.new_artist(values))
    except AppError as refusal:
        await session.rollback()
        if speaks_json:
            return JSON(_about(request, refusal), refusal.status)
        return _form(request, visitor, values, refusal)
    address = f"{url_for(request)(f'/artist/{artist.id}')}?done=added"
    return JSON({"id": artist.id, "address": address}, 201) if speaks_json else redirect(address, 303)


def _form(request: Request, visitor: Visitor, values: Mapping[str, str], refusal: AppError | None = None) -> Response:
    about = _about(request, refusal) if refusal else {}
    return render(
        request,
        "artists_new.html",
        status=refusal.status if refusal else 200,
        visitor=visitor,
        headers={"cache-control": "no-store"},
        place="artists",
        values=values,
        wrong={about["field"]: about["error"]} if refusal else {},
        existing=about.get("existing"),
    )


def _about(request: Request, refusal: AppError) -> dict[str, Any]:
    """What is wrong with which field, and the artist that has the name already."""
    if isinstance(refusal, NameTaken):
        existing = {"name": refusal.name, "address": url_for(request)(f"/artist/{refusal.artist_id}")}
        return {"error": "There is an artist of this name:", "field": "name", "existing": existing}
    return {"error": rules.sentence(refusal), "field": refusal.field if isinstance(refusal, BadField) else "name"}


def _texts(body: Any) -> Mapping[str, str]:
    if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
        raise BadRequest("The body must be an object of texts")
    return body
