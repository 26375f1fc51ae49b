"""The first steps of a new installation, for administrators. Plain forms, each step skippable, none a barrier."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.password_change import change_own, read_change
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import AppError, BadField, BadRequest, Conflict, TooManyRequests
from fastapi_app.indexing.shelves import read_shelves
from fastapi_app.media.paths import Roots
from fastapi_app.pages.asking import Administrator
from fastapi_app.pages.downloads.figures import amount
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.settings import queries as setting_queries
from fastapi_app.pages.settings import rules as setting_rules
from fastapi_app.pages.settings import trial
from fastapi_app.pages.settings.saving import save
from fastapi_app.pages.settings.view import Told, field_of
from fastapi_app.pages.welcome import beginning, queries
from fastapi_app.pages.welcome.folders import Look, look
from fastapi_app.pages.welcome.rules import KEYS, LABELS, Step, following, is_before, step_of
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.settings.catalogue import CATALOGUE
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local
from fastapi_app.users.people import acting, must_be_person

router = APIRouter(route_class=Route, include_in_schema=False)

_PATH = "/welcome"
_MOST_FIELDS = 40


@router.get(_PATH)
async def show(request: Request, session: Transaction, visitor: Administrator) -> Response:
    """The step that the query names, else the one where somebody left off."""
    must_be_person(request, visitor)
    values = query_values(request)
    step = step_of(values.get("step")) or await queries.reached(session) or Step.PASSWORD
    tried = values.get("tried", "")
    told = Told(trials={tried: values.get("outcome", "")} if tried in trial.TRIABLE else {})
    return await _page(request, session, visitor, step, told, done=beginning.told(values))


@router.post(_PATH)
async def take(request: Request, session: Transaction, visitor: Administrator) -> Response:
    """Does what a step asks for, and leads to the next one. `go`: `on` leaves the step, `finish` all of them."""
    must_be_person(request, visitor)
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        items = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    values = dict(items)
    step = step_of(values.get("step"))
    if step is None:
        raise BadField("step", ", ".join(Step))
    if values.get("go") == "finish":
        await queries.reach(session, Step.DONE)
        return redirect(local(request.scope, "/"), 303)
    try:
        wrong, news = ({}, {}) if values.get("go") == "on" else await _act(request, session, visitor, step, items)
    except (BadRequest, Conflict, TooManyRequests) as refusal:
        await session.rollback()
        return await _refused(request, visitor, step, refusal)
    if wrong:
        told = Told(typed=setting_rules.sent(items), errors=wrong)
        return await _page(request, session, visitor, step, told, status=400)
    if session.in_transaction():
        await session.commit()  # what was done may have ended it already
    to = step if "more" in news else following(step)
    async with request.state.database.writing() as writer:
        await queries.reach(writer, to)
    return redirect(f"{local(request.scope, _PATH)}?{urlencode({'step': to.value, **news})}", 303)


async def _refused(request: Request, visitor: Visitor, step: Step, refusal: AppError) -> Response:
    async with request.state.database.reading() as reader:
        answer = await _page(request, reader, visitor, step, Told(), error=refusal.message, status=refusal.status)
    answer.headers.update(refusal.headers())
    return answer


async def _act(
    request: Request, session: AsyncSession, visitor: Visitor, step: Step, items: list[tuple[str, str]]
) -> tuple[Mapping[str, str], dict[str, str]]:
    """What is wrong with which field, and what the next page is to say. Raises an AppError."""
    if step is Step.PASSWORD:
        change = read_change(dict(items))
        await session.rollback()  # the change has transactions of its own, and SQLite one writer
        state = request.state
        await change_own(state.database, state.hashing, visitor, change, acting(request, visitor).origin)
        return {}, {"done": "password"}
    if step in KEYS:
        return await save(request, session, visitor, setting_rules.sent(items)), {}
    if step is Step.LIBRARY:
        return {}, await beginning.begin(request, session, visitor, dict(items))
    return {}, {}


async def _page(
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    step: Step,
    told: Told,
    *,
    error: str = "",
    status: int = 200,
    done: str = "",
) -> Response:
    reached = await queries.reached(session) or Step.PASSWORD
    return render(
        request,
        "welcome.html",
        status=status,
        visitor=visitor,
        headers={"cache-control": "no-store"},
        place="",
        here=url_for(request)(_PATH),
        steps=[(each.value, LABELS[each], is_before(each, reached), each is step) for each in Step],
        step=step.value,
        number=list(Step).index(step) + 1,
        many=len(Step) - 1,
        done=done,
        error=error,
        **await _of_step(request, session, visitor, step, told),
    )


async def _of_step(request: Request, session: AsyncSession, visitor: Visitor, step: Step, told: Told) -> dict[str, Any]:
    """What only the page of this step shows."""
    stored = await setting_queries.stored(session, KEYS.get(step, ()))
    entries = [entry for entry in CATALOGUE if entry.key in KEYS.get(step, ())]
    fields = [field_of(entry, stored.get(entry.key), told, administers=True) for entry in entries]
    looks: dict[str, Look] = {}
    if step is Step.FOLDERS:
        roots = Roots.of(request.state.config)
        looks = {field.entry.key: await to_thread.run_sync(look, roots, field.before) for field in fields}
    return {
        "made_password": step is Step.PASSWORD and await queries.has_made_password(session, visitor.user_id or 0),
        "fields": fields,
        "looks": {key: (found, amount(found.free), amount(found.total)) for key, found in looks.items()},
        "triable": trial.TRIABLE,
        "tried": {key: (outcome, trial.sentence(key, outcome)) for key, outcome in told.trials.items()},
        "library": (await read_shelves(session)).library if step is Step.LIBRARY else "",
        "holds": await queries.library(session) if step in (Step.LIBRARY, Step.DONE) else None,
    }
