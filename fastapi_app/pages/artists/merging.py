"""The page on which several artists become one: who stays, what happens, and the button."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.artists.locking import alone
from fastapi_app.artists.merging.queries import artists, copies
from fastapi_app.artists.merging.rules import Columns
from fastapi_app.artists.merging.rules import merge as asked_merge
from fastapi_app.artists.merging.uniting import merge
from fastapi_app.artists.queries import video_counts
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.containing import contains
from fastapi_app.errors import AppError, BadRequest
from fastapi_app.models import Artist
from fastapi_app.pages.artists.cards import picture_mark, tone
from fastapi_app.pages.artists.preview import MOST, chosen_ids, preview, stays
from fastapi_app.pages.asking import Manager
from fastapi_app.pages.criteria import LONGEST_SEARCH
from fastapi_app.pages.markup import render, url_for
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction

router = APIRouter(route_class=Route, include_in_schema=False)

_FIELD = "artist"
_MOST_FOUND = 12


@router.get("/artists/merge")
async def show_merge(request: Request, session: Transaction, visitor: Manager) -> Response:
    """Who is to be merged, and what would come of it."""
    values = query_values(request)
    asked = chosen_ids([values.get("into", "")])
    ids = chosen_ids(request.query_params.getlist(_FIELD))
    return await _page(request, session, visitor, ids, asked[0] if asked else None, search=values.get("q", ""))


@router.post("/artists/merge")
async def do_merge(request: Request, session: Transaction, visitor: Manager) -> Response:
    """Merges, and goes to the artist that stays."""
    async with request.form(max_files=0, max_fields=MOST + 8) as form:
        ids = chosen_ids([str(value) for value in form.getlist(_FIELD)])
        into = next(iter(chosen_ids([str(form.get("into", ""))])), None)
    try:
        others = [artist_id for artist_id in ids if artist_id != into]
        if into is None or not others:
            raise BadRequest("Choose at least two artists, and which of them stays")
        wanted = asked_merge({"primary_artist_id": into, "secondary_artist_ids": others})
        primary, _ = await alone(request, session, partial(merge, wanted))
    except AppError as refusal:
        async with request.state.database.reading() as reader:
            return await _page(request, reader, visitor, ids, into, error=refusal)
    address = url_for(request)(f"/artist/{primary['id']}")
    return redirect(f"{address}?done=merged", 303)


async def _page(
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    ids: Sequence[int],
    asked: int | None,
    *,
    search: str = "",
    error: AppError | None = None,
) -> Response:
    rows = await artists(session, ids) if ids else {}
    found = [artist_id for artist_id in ids if artist_id in rows]
    videos = await video_counts(session, found) if found else {}
    into = stays(found, asked, videos) if found else None
    others = [rows[artist_id] for artist_id in found if artist_id != into]
    search = " ".join(search.replace("\0", "").split())[:LONGEST_SEARCH]
    return render(
        request,
        "artists_merge.html",
        status=error.status if error else 200,
        visitor=visitor,
        headers={"cache-control": "no-store"},
        place="artists",
        here=url_for(request)("/artists/merge"),
        rows=[_shown(rows[artist_id], videos) for artist_id in found],
        into=into,
        into_name=rows[into]["name"] if into else "",
        others=[other["name"] for other in others],
        preview=preview(rows[into], others, await copies(session, found), videos) if into and others else None,
        search=search,
        longest_search=LONGEST_SEARCH,
        candidates=await _named(session, search, found) if search else [],
        error=error.message if error else "",
    )


async def _named(session: AsyncSession, text: str, chosen: Sequence[int]) -> Sequence[Record]:
    """A few artists by a part of the name, without those that are chosen."""
    query = select(Artist.id, Artist.name).where(contains(Artist.name, text), Artist.id.not_in(chosen))
    return (await session.execute(query.order_by(Artist.name, Artist.id).limit(_MOST_FOUND))).all()


def _shown(row: Columns, videos: dict[int, int]) -> dict[str, object]:
    return {
        "id": row["id"],
        "name": row["name"],
        "videos": videos[row["id"]],
        "imvdb_id": row["imvdb_id"],
        "monitored": row["monitored"],
        "picture": picture_mark(row["thumbnail_path"]),
        "tone": tone(row["name"]),
    }
