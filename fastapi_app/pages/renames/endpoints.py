"""The pages that rename files: a template and what it would do, then each run with its films, and the way back."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import Conflict
from fastapi_app.jobs.states import TERMINAL
from fastapi_app.jobs.states import State as JobState
from fastapi_app.naming import preferences
from fastapi_app.naming.template import DEFAULT, LONGEST, Template, TemplateInvalid, parse
from fastapi_app.naming.tokens import TOKENS
from fastapi_app.pages.asking import Configurer
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.renames import rules
from fastapi_app.renames import desk, preview, queries
from fastapi_app.renames.endpoints import library
from fastapi_app.renames.shelf import Shelf
from fastapi_app.renames.states import State
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local
from fastapi_app.users.markup import form_values

router = APIRouter(route_class=Route, include_in_schema=False)

_PATH = "/renames"
_RUNS = 5
_UNDER_WAY = frozenset(JobState) - TERMINAL
_PER_PAGE = 100
_MOST_COUNTED = 10_000
"""Videos up to which the page counts what changes: it takes a second of computing for every 20,000 or so."""


@router.get(_PATH)
async def show_preview(request: Request, session: Transaction, visitor: Configurer) -> Response:
    """The template, the first films that it would rename, and the last runs."""
    return await _page(request, session, visitor, query_values(request))


@router.post(_PATH)
async def start(request: Request, session: Transaction, visitor: Configurer) -> Response:
    """Begins a run, and makes its template that of new downloads."""
    values = await form_values(request)
    try:
        template = parse(values.get("template", "").strip())
        made = await desk.start(request, session, template, visitor.user_id)
    except TemplateInvalid:
        return await _page(request, session, visitor, values, status=400)
    except Conflict as refusal:
        return await _page(request, session, visitor, values, error=refusal.message, status=refusal.status)
    await desk.keep_template(session, template)
    return redirect(local(request.scope, f"{_PATH}/{made.id}"), 303)


@router.get(f"{_PATH}/{{rename_id:row}}")
async def show_run(request: Request, session: Transaction, visitor: Configurer, rename_id: int) -> Response:
    """How far a run is, and what became of its films."""
    return await _run(request, session, visitor, rename_id)


@router.post(f"{_PATH}/{{rename_id:row}}")
async def undo(request: Request, session: Transaction, visitor: Configurer, rename_id: int) -> Response:
    """Begins a run that takes this one back."""
    try:
        made = await desk.undo(request, session, rename_id, visitor.user_id)
    except Conflict as refusal:
        return await _run(request, session, visitor, rename_id, error=refusal.message, status=refusal.status)
    return redirect(local(request.scope, f"{_PATH}/{made.id}"), 303)


async def _page(
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    values: Mapping[str, str],
    *,
    error: str = "",
    status: int = 200,
) -> Response:
    kept = await preferences.read_async(session)
    asked = rules.asked(values, kept.text)
    template, problem, position = _read(asked.template)
    found = await _preview(request, session, template, asked) if template is not None else None
    return _shown(
        request,
        visitor,
        "renames.html",
        _PATH,
        status,
        asked=asked,
        kept=kept.text,
        default=DEFAULT,
        longest=LONGEST,
        tokens=TOKENS,
        problem=problem,
        position=position,
        error=error,
        found=found,
        fates=rules.FATES,
        total=await preview.total(session),
        most_counted=_MOST_COUNTED,
        runs=await queries.latest(session, _RUNS),
        under_way=[state.value for state in _UNDER_WAY],
    )


async def _preview(request: Request, session: AsyncSession, template: Template, asked: rules.Asked) -> preview.Page:
    shelf = await library(request, session)
    rows = await preview.read(session, asked.after, preview.LOOKED_AT)
    config = request.state.config
    return await to_thread.run_sync(lambda: preview.page(config, shelf, template, rows, everything=asked.everything))


async def _run(
    request: Request, session: AsyncSession, visitor: Visitor, rename_id: int, error: str = "", status: int = 200
) -> Response:
    run = await desk.known(session, rename_id)
    values = query_values(request)
    group, after = values.get("show", ""), rules.number(values.get("after", ""))
    counts = (await queries.counts(session, [rename_id]))[rename_id]
    rows = await queries.files(session, rename_id, rules.states_of(group), after, _PER_PAGE + 1)
    shown = rows[:_PER_PAGE]
    shelf = await library(request, session)
    more = {"show": group, "after": shown[-1].id} if len(rows) > _PER_PAGE else {}
    undone_by = (await queries.undone_by(session, [rename_id])).get(rename_id)
    return _shown(
        request,
        visitor,
        "rename.html",
        f"{_PATH}/{rename_id}",
        status,
        up=url_for(request)(_PATH),
        run=run,
        is_under_way=run.state in _UNDER_WAY,
        counts={state.value: number for state, number in counts.items()},
        tabs=rules.tabs(counts),
        group=group,
        rows=[(row, _below(shelf, row.old_path), _below(shelf, row.new_path)) for row in shown],
        label=rules.label,
        more="?" + urlencode({name: value for name, value in more.items() if value}) if more else "",
        is_first=not after,
        undone_by=undone_by,
        may_undo=run.state not in _UNDER_WAY and bool(counts.get(State.DONE)) and undone_by is None,
        error=error,
    )


def _shown(request: Request, visitor: Visitor, name: str, path: str, status: int, **told: Any) -> Response:
    here, fresh = url_for(request)(path), {"cache-control": "no-store"}
    return render(request, name, status=status, visitor=visitor, headers=fresh, place="settings", here=here, **told)


def _read(text: str) -> tuple[Template | None, str, int]:
    try:
        return parse(text), "", 0
    except TemplateInvalid as error:
        return None, str(error), error.position


def _below(shelf: Shelf, stored: str) -> str:
    home = shelf.home_of(stored)
    return stored[len(home) + 1 :] if home else stored
