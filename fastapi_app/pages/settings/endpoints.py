"""The page of settings. Everything works as a plain form; `settings.js` only saves the way around."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.access import Access
from fastapi_app.auth.gate import GATE_SETTING, gate_is_open
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import AppError, BadField
from fastapi_app.metube import cookies
from fastapi_app.pages.asking import Administrator, Configurer
from fastapi_app.pages.downloads.figures import amount
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.settings import queries, rules, trial, view
from fastapi_app.pages.settings.saving import save
from fastapi_app.responses import JSON, redirect
from fastapi_app.route import Route
from fastapi_app.settings.catalogue import CATALOGUE, NAMING, TITLES, Group
from fastapi_app.thumbnails.uploads import received
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local

router = APIRouter(route_class=Route, include_in_schema=False)

_PATH = "/settings"
_MOST_FIELDS = 200
_DONE = {
    "saved": "Saved. It counts from now on.",
    "nothing": "Nothing was changed.",
    "cookies": "The cookies are kept. Downloads from YouTube send them.",
    "removed": "The cookies are removed.",
}
_UNWRITABLE = "The data folder can't be written."

log = structlog.get_logger(__name__)


@router.get(_PATH)
async def show(request: Request, session: Transaction, visitor: Configurer) -> Response:
    """One group of settings, or what a search finds in all."""
    values = query_values(request)
    tried = values.get("tried", "")
    told = view.Told(trials={tried: values.get("outcome", "")} if tried in trial.TRIABLE else {})
    return await _page(request, session, visitor, values, told, done=_DONE.get(values.get("done", ""), ""))


@router.post(_PATH)
async def change(request: Request, session: Transaction, visitor: Configurer) -> Response:
    """Stores what was changed, all of it or nothing, and leads back to the page."""
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        items = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    values = dict(items)
    wanted = _usual(values["reset"]) if "reset" in values else rules.sent(items)
    wrong = await save(request, session, visitor, wanted)
    if wrong:
        told = view.Told(typed=wanted, errors=wrong)
        return await _page(request, session, visitor, values, told, status=400)
    return redirect(_back(request, values, done="saved" if wanted else "nothing"), 303)


@router.post(f"{_PATH}/try")
async def try_key(request: Request, session: Transaction, visitor: Administrator) -> Response:
    """Tries the key that was typed, else the one that is stored. JSON for whoever asks for it.

    The answer to a plain form is a page without what was typed, so a typed key is stored first.
    """
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        values = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    key = values.get("try", "")
    if key not in trial.TRIABLE:
        raise BadField("try", "a key that can be tried")
    in_json = "application/json" in request.headers.get("accept", "")
    secret = rules.sent([(key, values.get(key, ""))]).get(key)
    if secret is None:
        secret = (await queries.stored(session, [key])).get(key) or ""
    elif not in_json and await save(request, session, visitor, {key: secret}):
        raise BadField(key, "one line of text")
    await session.commit()  # nothing is held while another service is waited for
    outcome = await trial.attempt(request.state, key, secret)
    if in_json:
        return JSON({"outcome": outcome.value, "message": trial.sentence(key, outcome)})
    if values.get("back") == "welcome":
        query = urlencode({"step": "keys", "tried": key, "outcome": outcome.value})
        return redirect(f"{local(request.scope, '/welcome')}?{query}", 303)
    return redirect(_back(request, values, tried=key, outcome=outcome.value), 303)


@router.post(f"{_PATH}/cookies")
async def keep_cookies(request: Request, session: Transaction, visitor: Configurer) -> Response:
    """Keeps a file of cookies for YouTube, or removes the one that is there."""
    config = request.state.config
    where = {"group": Group.DOWNLOADS.value}
    try:
        if query_values(request).get("remove") == "yes":
            await to_thread.run_sync(cookies.remove, config)
            return redirect(_back(request, where, done="removed"), 303)
        missing = "Choose a file first."
        async with received(request, "file", missing, most=cookies.MOST_BYTES, check_name=cookies.check_name) as file:
            content = await file.read()
        await to_thread.run_sync(cookies.check, content)
        await to_thread.run_sync(cookies.write, config, content)
    except AppError as refusal:
        return await _page(
            request, session, visitor, where, view.Told(errors={"cookies": refusal.message}), status=refusal.status
        )
    except OSError as error:
        log.error("the folder of the cookies can't be written", reason=error.strerror)
        return await _page(request, session, visitor, where, view.Told(errors={"cookies": _UNWRITABLE}), status=503)
    return redirect(_back(request, where, done="cookies"), 303)


async def _page(
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    asked: Mapping[str, str],
    told: view.Told,
    *,
    status: int = 200,
    done: str = "",
) -> Response:
    search = asked.get("q", "").strip()[: rules.LONGEST_SEARCH]
    group = rules.group_of(asked.get("group", ""))
    stored = await queries.stored(session)
    administers = visitor.reaches(Access.ADMINISTER)
    shown = view.parts(request.state.config, stored, group, search, told, administers=administers)
    return render(
        request,
        "settings.html",
        status=status,
        visitor=visitor,
        headers={"cache-control": "no-store"},
        place="settings",
        here=url_for(request)(_PATH),
        groups=[(each.value, TITLES[each]) for each in Group],
        group=group.value,
        parts=shown,
        search=search,
        longest_search=rules.LONGEST_SEARCH,
        triable=trial.TRIABLE,
        tried={key: (outcome, trial.sentence(key, outcome)) for key, outcome in told.trials.items()},
        naming=NAMING,
        cookies=await to_thread.run_sync(_cookies, request),
        cookies_error=told.errors.get("cookies", ""),
        is_open=gate_is_open(stored.get(GATE_SETTING)),
        done=done,
        wrong=len(told.errors),
    )


def _usual(key: str) -> dict[str, str]:
    """The default of one setting, as a change. Raises BadField."""
    entry = next((entry for entry in CATALOGUE if entry.key == key), None)
    if entry is None:
        raise BadField("reset", "the name of a setting")
    return {entry.key: entry.default}


def _back(request: Request, values: Mapping[str, str], **told: str) -> str:
    kept = {name: values[name] for name in ("group", "q") if values.get(name)}
    return f"{local(request.scope, _PATH)}?{urlencode({**kept, **told})}"


def _cookies(request: Request) -> tuple[str, datetime] | None:
    """How large the file of cookies is, and when it was changed, in naive UTC. Blocks."""
    found = cookies.status(request.state.config)
    if found is None:
        return None
    return amount(found["file_size"]), datetime.fromtimestamp(found["modified_time"], UTC).replace(tzinfo=None)
