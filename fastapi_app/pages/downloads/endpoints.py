"""The pages about downloads: the live queue, history, and the buttons of both. They work without scripts, too."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import is_json, json_body, query_values
from fastapi_app.errors import AppError, BadRequest
from fastapi_app.jobs import shown
from fastapi_app.jobs.states import TERMINAL, State
from fastapi_app.jobs.visibility import view_of
from fastapi_app.models import now
from fastapi_app.pages.asking import Configurer, Editor, Reader
from fastapi_app.pages.criteria import page_number
from fastapi_app.pages.downloads import queries
from fastapi_app.pages.downloads.acts import Acting, Outcome, act, act_on_queue
from fastapi_app.pages.downloads.groups import HEADINGS, STATES, WORDS, Group
from fastapi_app.pages.downloads.rights import Rights, rights_of
from fastapi_app.pages.downloads.rows import Row, blank, row
from fastapi_app.pages.markup import render
from fastapi_app.pages.paging import Paging
from fastapi_app.responses import JSON, redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local
from fastapi_app.users.markup import form_values

router = APIRouter(route_class=Route, include_in_schema=False)

MOST_ROWS = 50
PER_PAGE = 50
TODAY = timedelta(hours=24)
_ENDINGS = {state.value: WORDS[state] for state in State if state in TERMINAL}


Doing = Callable[[Acting, Mapping[str, str]], Awaitable[Outcome]]


@dataclass(frozen=True)
class Section:
    """One group of the page: the first rows, how many there are, and an empty row to copy."""

    name: Group
    total: int
    rows: list[Row]

    @property
    def heading(self) -> str:
        return HEADINGS[self.name]

    @property
    def more(self) -> int:
        return self.total - len(self.rows)

    @property
    def blank(self) -> Row:
        return blank(self.name, STATES[self.name][0])


@router.get("/downloads")
async def show_queue(request: Request, session: Transaction, visitor: Reader) -> Response:
    """What runs, waits, failed and was done in the last day."""
    return await _queue_page(request, session, visitor)


@router.post("/downloads")
async def change_downloads(request: Request, session: Transaction, visitor: Editor) -> Response:
    """Adds an address, or does what a button of one download asks for."""
    return await _answered(request, session, visitor, act)


@router.post("/downloads/queue")
async def change_queue(request: Request, session: Transaction, visitor: Configurer) -> Response:
    """Pauses, resumes or clears the queue."""
    return await _answered(request, session, visitor, act_on_queue)


@router.get("/downloads/history")
async def show_history(request: Request, session: Transaction, visitor: Reader) -> Response:
    """What has ended, the latest first."""
    query = query_values(request)
    state = State(query["state"]) if query.get("state") in _ENDINGS else None
    view = await view_of(visitor, session)
    paging = Paging.of(await queries.ended(session, view, state), page_number(query.get("page", "")), PER_PAGE)
    jobs = await queries.history(session, view, state, paging) if paging.matched else []
    return _page(
        request,
        visitor,
        await rights_of(visitor, session),
        "downloads_history.html",
        rows=[row(job) for job in jobs],
        paging=paging,
        state=state or "",
        states=[("", "In any way"), *_ENDINGS.items()],
        link="?" + (urlencode({"state": state}) + "&" if state else ""),
    )


async def _answered(request: Request, session: AsyncSession, visitor: Visitor, doing: Doing) -> Response:
    """A sentence and the job in JSON for the page's script; the page itself, with the sentence, for a plain form."""
    speaks_json = is_json(request.headers.get("content-type", ""))
    values = _texts(await json_body(request)) if speaks_json else await form_values(request)
    acting = Acting(session, await view_of(visitor, session), request.state.jobs, visitor.user_id)
    try:
        outcome = await doing(acting, values)
    except AppError as refusal:
        if speaks_json:
            raise
        await session.rollback()
        async with request.state.database.reading() as reader:
            return await _queue_page(request, reader, visitor, error=refusal.message, status=refusal.status)
    if speaks_json:
        return JSON({"message": outcome.sentence, "job": shown.job(outcome.job) if outcome.job else None})
    return redirect(f"{local(request.scope, '/downloads')}?{urlencode({'done': values.get('action', '')})}")


def _texts(body: Any) -> Mapping[str, str]:
    if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
        raise BadRequest("The body must be an object of texts")
    return body


async def _queue_page(
    request: Request, session: AsyncSession, visitor: Visitor, error: str = "", status: int = 200
) -> Response:
    view = await view_of(visitor, session)
    since = now() - TODAY
    counts = await queries.counts(session, view, since)
    sections = []
    for group in Group:
        jobs = await queries.first(session, view, group, since, MOST_ROWS) if counts[group] else []
        sections.append(Section(group, max(counts[group], len(jobs)), [row(job) for job in jobs]))
    return _page(
        request,
        visitor,
        await rights_of(visitor, session),
        "downloads.html",
        status=status,
        done=_DONE.get(query_values(request).get("done", ""), "") if not error else "",
        error=error,
        groups=sections,
        is_busy=any(section.total for section in sections),
        paused=await queries.paused(session),
        queue=queries.QUEUE,
        most=MOST_ROWS,
        clearing=_CLEARING,
    )


_DONE = {
    "add": "Added. It waits for its turn.",
    "cancel": "It is cancelled.",
    "retry": "It waits for its turn.",
    "retry_failed": "They wait for their turn.",
    "pause": "It is paused.",
    "resume": "It goes on.",
    "up": "Its priority is higher now.",
    "down": "Its priority is lower now.",
    "top": "It is next.",
    "cancel_waiting": "Nothing waits any more.",
    "clear_failed": "They are forgotten. Files stay.",
    "clear_done": "They are forgotten. Files stay.",
}
"""What a plain form says afterwards."""


_CLEARING = {
    Group.WAITING: ("cancel_waiting", "Cancel all", "Cancels whatever waits"),
    Group.FAILED: ("clear_failed", "Clear", "Forgets the entries; no file is touched"),
    Group.DONE: ("clear_done", "Clear", "Forgets the entries; files stay"),
}


def _page(
    request: Request, visitor: Visitor, rights: Rights, template: str, *, status: int = 200, **values: Any
) -> Response:
    return render(
        request,
        template,
        status=status,
        visitor=visitor,
        headers={"cache-control": "no-store"},
        **{"place": "downloads", "done": "", "error": "", "may_modify": rights.modify, **values},
        may_configure=rights.configure,
    )
