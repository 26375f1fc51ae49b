"""The page about one artist, its settings, and looking for its videos. It works without scripts, too."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.artists.changing import MISSING, change_artist
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.deletions.acts import delete
from fastapi_app.deletions.rules import asked
from fastapi_app.discovery.discovering import discover
from fastapi_app.errors import AppError, NotFound
from fastapi_app.models import INTEGER_MAX
from fastapi_app.pages.artist import queries, rules
from fastapi_app.pages.artists.rules import sentence
from fastapi_app.pages.asking import Editor, Manager, Reader
from fastapi_app.pages.cards import card
from fastapi_app.pages.criteria import Criteria
from fastapi_app.pages.downloads.rights import rights_of
from fastapi_app.pages.library import count_text, paging_of, status_choices
from fastapi_app.pages.markup import render, url_for
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.users.markup import form_values

router = APIRouter(route_class=Route, include_in_schema=False)

_MOST_FOUND = 50
"""New videos that one look brings at most."""


@router.get("/artist/{artist_id:row}")
async def show_artist(artist_id: int, request: Request, session: Transaction, visitor: Reader) -> Response:
    """The artist, a page of the videos, and the settings."""
    values = query_values(request)
    number = values.get("found", "")
    found = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else None
    done = rules.found_text(found, found) if found is not None else rules.DONE.get(values.get("done", ""), "")
    return await _page(request, session, visitor, artist_id, done=done)


@router.post("/artist/{artist_id:row}/settings")
async def change_settings(artist_id: int, request: Request, session: Transaction, visitor: Editor) -> Response:
    """Changes what the form holds; what can't be is told beside its field."""
    values = await form_values(request)
    try:
        await change_artist(session, artist_id, rules.change(values))
    except NotFound:
        raise
    except AppError as refusal:
        await session.rollback()
        async with request.state.database.reading() as reader:
            return await _page(request, reader, visitor, artist_id, values=values, refusal=refusal)
    return _back(request, artist_id, done="saved")


@router.post("/artist/{artist_id:row}/discovery")
async def find_videos(artist_id: int, request: Request, session: Transaction, visitor: Editor) -> Response:
    """Looks for new videos on IMVDb, which takes a moment."""
    await session.commit()  # what the login wrote; nothing is held while IMVDb is waited for
    try:
        found = await discover(request, session, artist_id, _MOST_FOUND)
    except NotFound:
        raise NotFound(MISSING) from None
    except AppError as refusal:
        async with request.state.database.reading() as reader:
            return await _page(request, reader, visitor, artist_id, problem=refusal)
    return _back(request, artist_id, found=str(found.stored))


@router.post("/artist/{artist_id:row}/deletion")
async def forget(artist_id: int, request: Request, session: Transaction, visitor: Manager) -> Response:
    """Deletes the artist with the videos, and leads to where that can be undone."""
    await delete(request, session, visitor, asked({"artists": [artist_id], "force": True}))
    return redirect(url_for(request)("/deleted"), 303)


def _back(request: Request, artist_id: int, **told: str) -> Response:
    return redirect(f"{url_for(request)(f'/artist/{artist_id}')}?{urlencode(told)}", 303)


async def _page(
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    artist_id: int,
    *,
    done: str = "",
    values: Mapping[str, str] | None = None,
    refusal: AppError | None = None,
    problem: AppError | None = None,
) -> Response:
    """`refusal` is about the settings in `values`, `problem` about looking for videos."""
    row = await queries.artist(session, artist_id) if artist_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(MISSING)
    criteria = Criteria.read(query_values(request))
    counts = await queries.counts(session, artist_id)
    paging = paging_of(criteria, counts)
    videos = await queries.videos(session, row, criteria, paging) if paging.matched else []
    before, after = await queries.neighbours(session, row)
    person = rules.person(row, counts)
    told: dict[str, Any] = {
        "values": values if values is not None else rules.settings_of(person),
        "wrong": {rules.field_of(refusal): sentence(refusal)} if refusal else {},
        "problem": problem.message if problem else "",
        "done": done,
    }
    failure = refusal or problem
    return render(
        request,
        "artist.html",
        status=failure.status if failure else 200,
        visitor=visitor,
        place="artists",
        here=url_for(request)(f"/artist/{artist_id}"),
        artist=person,
        before=before,
        after=after,
        criteria=criteria,
        paging=paging,
        cards=[card(video) for video in videos],
        count_text=count_text(paging),
        statuses=status_choices(criteria, counts),
        sorts=rules.SORT_LABELS.items(),
        rights=await rights_of(visitor, session),
        most_found=_MOST_FOUND,
        **told,
    )
