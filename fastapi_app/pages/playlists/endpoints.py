"""The pages of playlists: all of them, and one with what is in it. They work without scripts, but for the rules."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import BadField
from fastapi_app.models import Playlist
from fastapi_app.pages.asking import Editor, Reader
from fastapi_app.pages.criteria import LONGEST_SEARCH
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.paging import Paging
from fastapi_app.pages.playlists import rules
from fastapi_app.pages.playlists.rules import View
from fastapi_app.playlists import queries, shown
from fastapi_app.playlists import rules as playlists
from fastapi_app.playlists.standing import Standing, standing_of
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction
from fastapi_app.urls import local
from fastapi_app.users.markup import form_values

router = APIRouter(route_class=Route, include_in_schema=False)

_DONE = {"deleted": "The playlist is deleted. Its videos stay."}


@router.get("/playlists")
async def show_playlists(request: Request, session: Transaction, visitor: Reader) -> Response:
    """A page of playlists: a count, the rows, and for all of them together what is in them."""
    return await _list(request, session, visitor)


@router.post("/playlists")
async def make_playlist(request: Request, session: Transaction, visitor: Editor) -> Response:
    """Makes a playlist and goes to it; one by rules finds every video until it has some."""
    form = await form_values(request)
    by_rules = form.get("kind") == "rules"
    try:
        body = rules.written(form, features=False)
        columns = playlists.new_dynamic({**body, "filter_criteria": {}}) if by_rules else playlists.new_playlist(body)
    except BadField as wrong:
        return await _list(request, session, visitor, form, wrong)
    standing = await standing_of(session, visitor)
    playlist = Playlist(**columns, user_id=standing.user_id)
    session.add(playlist)
    await session.flush()
    return redirect(local(request.scope, f"/playlist/{playlist.id}") + ("?rules=1" if by_rules else ""), 303)


async def _list(
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    form: Mapping[str, str] | None = None,
    wrong: BadField | None = None,
) -> Response:
    values = query_values(request)
    view = View.read(values)
    standing = await standing_of(session, visitor)
    paging = Paging.of(await queries.count_playlists(session, view.listing(), standing), view.page, rules.PER_PAGE)
    rows = await queries.page_of_playlists(session, view.listing(paging.page), standing) if paging.matched else []
    return render(
        request,
        "playlists.html",
        status=400 if wrong else 200,
        visitor=visitor,
        headers={"cache-control": "no-store"},
        place="playlists",
        here=url_for(request)("/playlists"),
        view=view,
        paging=paging,
        cards=await _cards(request, session, rows, standing),
        count_text=rules.count_text(paging),
        choices=[(each.value, label) for each, label in rules.SHOWN_LABELS.items()],
        sorts=[(each.value, label) for each, label in rules.ORDER_LABELS.items()],
        longest_search=LONGEST_SEARCH,
        writes=standing.writes,
        making=form is not None or "new" in values,
        form=rules.fields(form),
        wrong=rules.faults(wrong),
        done=_DONE.get(values.get("done", ""), ""),
        longest_name=playlists.NAME_LENGTH,
        longest_description=playlists.DESCRIPTION_LENGTH,
    )


async def _cards(
    request: Request, session: AsyncSession, rows: Sequence[Record], standing: Standing
) -> list[rules.Card]:
    ids = [row.id for row in rows]
    counted = await queries.totals_of_entries(session, ids)
    covers = await queries.covers(session, ids, rules.COVERS)
    return [
        rules.card(row, shown.totals_of(row, counted), covers.get(row.id, []), _picture(request, row), standing)
        for row in rows
    ]


def _picture(request: Request, row: Record) -> str | None:
    """The address of an uploaded one. One from elsewhere isn't asked for: our policy would not let a browser."""
    return shown.picture(row, request.scope) if row.thumbnail_path else None
