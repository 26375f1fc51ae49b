"""The page of one playlist, and the forms on it. They work without scripts, but for the rules."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import BadField, Conflict
from fastapi_app.models import VideoStatus, now
from fastapi_app.pages.asking import Editor, Reader
from fastapi_app.pages.cards import LABELS, length
from fastapi_app.pages.criteria import page_number
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.paging import Paging
from fastapi_app.pages.playlists import acts, rules
from fastapi_app.pages.playlists.rule_form import FormValues, form_values
from fastapi_app.playlists import queries, reading, shown
from fastapi_app.playlists import rules as playlists
from fastapi_app.playlists.criteria import Sort
from fastapi_app.playlists.standing import Standing, standing_of
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction

router = APIRouter(route_class=Route, include_in_schema=False)

_MOST_FIELDS = playlists.MOST_AT_ONCE + 8
_SORTS = {
    Sort.TITLE: "Title",
    Sort.ARTIST: "Artist",
    Sort.YEAR: "Year",
    Sort.ADDED: "When it was added",
    Sort.DURATION: "Length",
}
_DONE = {
    "change": "Saved.",
    "remove": "Taken out. The videos stay in the library.",
    "move": "Moved.",
    "refresh": "Looked anew.",
}


@router.get("/playlist/{playlist_id:row}")
async def show_playlist(playlist_id: int, request: Request, session: Transaction, visitor: Reader) -> Response:
    """The playlist with a page of what is in it. A private one of somebody else is not found."""
    return await _page(playlist_id, request, session, visitor)


@router.post("/playlist/{playlist_id:row}")
async def act(playlist_id: int, request: Request, session: Transaction, visitor: Editor) -> Response:
    """Does what a form asks for, and shows the page again."""
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        values = {name: str(value) for name, value in form.items()}
        chosen = rules.numbers([str(value) for value in form.getlist("entry")])
    try:
        return await acts.act(acts.Asked(playlist_id, request, session, visitor), values, chosen)
    except BadField as wrong:
        return await _page(playlist_id, request, session, visitor, values, wrong)


async def _page(
    playlist_id: int,
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    form: Mapping[str, str] | None = None,
    wrong: BadField | None = None,
) -> Response:
    values = query_values(request)
    standing = await standing_of(session, visitor)
    row = standing.seen(await reading.row_of(session, playlist_id))
    inside = await _inside(session, row, page_number(values.get("page", "")))
    return render(
        request,
        "playlist.html",
        status=400 if wrong else 200,
        visitor=visitor,
        headers={"cache-control": "no-store"},
        place="playlists",
        here=url_for(request)(f"/playlist/{playlist_id}"),
        playlist=row,
        chips=rules.chips(row),
        picture=shown.picture(row, request.scope) if row.thumbnail_path else None,
        covers=(await queries.covers(session, [row.id], rules.COVERS)).get(row.id, []) or _covers(inside["entries"]),
        tone=rules.tone(row.name),
        form=rules.fields(form or _stored(row)),
        wrong=rules.faults(wrong),
        is_wrong=wrong is not None,
        done=_DONE.get(values.get("done", ""), ""),
        rule_form=_rule_form(row, values, standing),
        **inside,
        **_rights(row, standing),
        **_WORDS,
    )


async def _inside(session: AsyncSession, row: Record, page: int) -> dict[str, Any]:
    """What the template shows of the entries. Rules that this version can't read find nothing, and it says so."""
    moment = now()
    try:
        totals = await reading.totals_of(session, row, moment)
        paging = Paging.of(totals[0], page, rules.ENTRIES_PER_PAGE)
        entries = await reading.page_of(session, row, playlists.Page(paging.page, paging.size), moment)
    except Conflict as unreadable:
        return {
            "paging": Paging.of(0, 1, rules.ENTRIES_PER_PAGE),
            "entries": [],
            "size": "",
            "problem": str(unreadable),
        }
    return {"paging": paging, "entries": entries, "size": rules.size(totals), "problem": ""}


def _covers(entries: list[dict[str, Any]]) -> list[int]:
    pictured = [entry["video_id"] for entry in entries if entry["video"]["has_thumbnail"]]
    return pictured[: rules.COVERS]


def _stored(row: Record) -> dict[str, str]:
    """The form as the playlist has it."""
    flags = {name: "yes" for name in ("is_public", "is_featured") if getattr(row, name)}
    return {"name": row.name, "description": row.description or "", **flags}


def _rights(row: Record, standing: Standing) -> dict[str, bool]:
    may_change = standing.changes(row)
    return {
        "may_change": may_change,
        "may_arrange": may_change and not row.is_dynamic,
        "may_feature": may_change and standing.manages,
        "is_own": standing.owns(row),
    }


def _rule_form(row: Record, values: Mapping[str, str], standing: Standing) -> FormValues | None:
    """The rules as the form has them, for who may change them."""
    if not (row.is_dynamic and standing.changes(row)):
        return None
    return form_values(row.filter_criteria, auto_update=row.auto_update, is_open="rules" in values)


_WORDS: Mapping[str, Any] = {
    "length": length,
    "labels": LABELS,
    "statuses": [(status.value, LABELS[status]) for status in VideoStatus if status in LABELS],
    "rule_sorts": [(each.value, label) for each, label in _SORTS.items()],
    "longest_name": playlists.NAME_LENGTH,
    "longest_description": playlists.DESCRIPTION_LENGTH,
}
