"""The login routes. Two doors from 0.9 lead to the same accounts; they differ in their answers and their cookie."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote_plus

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.audit.events import Event
from fastapi_app.audit.record import origin_of, record
from fastapi_app.auth import rules, schemas
from fastapi_app.auth.access import Access
from fastapi_app.auth.browser import browser_of, client_of, keep_login, keep_pending
from fastapi_app.auth.limits import seconds_until
from fastapi_app.auth.login import log_in
from fastapi_app.auth.outcome import Login, Pending, Refusal, Wait
from fastapi_app.auth.pending import PendingLogin, proof_of
from fastapi_app.auth.refresh import Tokens
from fastapi_app.auth.requirement import require
from fastapi_app.auth.sessions import find_visitor, revoke, visitor_or_nobody
from fastapi_app.auth.token_endpoints import asks_tokens, forgetting, tokens_of
from fastapi_app.auth.token_schemas import LoggedInWithTokens
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import is_json, json_body, query_values
from fastapi_app.errors import NotLoggedIn, TooManyRequests
from fastapi_app.models import now
from fastapi_app.pages.markup import render_login
from fastapi_app.responses import JSON, redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import LOGIN_PATH, inside, local

router = APIRouter(route_class=Route, tags=["auth"])

ACCOUNT_LOGIN_PATH = "/auth/login"
SECOND_FACTOR_PATH = "/2fa/verify"
CODE_NEEDED = "Two-factor authentication required"
LOGGED_OUT = {"success": True, "message": "Logged out successfully"}

Reader = Annotated[Visitor, require(Access.READ)]


@dataclass(frozen=True)
class Door:
    """What differs between the two logins."""

    path: str
    keeps_cookie: bool
    status_when_missing: int
    missing_leads_back: bool


ACCOUNT_DOOR = Door(ACCOUNT_LOGIN_PATH, keeps_cookie=False, status_when_missing=400, missing_leads_back=False)
OLD_DOOR = Door(LOGIN_PATH, keeps_cookie=True, status_when_missing=401, missing_leads_back=True)

_LOGIN: dict[int | str, dict[str, Any]] = {
    **openapi.problems(400),
    302: {"description": "A form: on to `next`, or back with an error"},
    401: {"model": openapi.Problem, "description": "No such account, or another password"},
    429: {"model": openapi.Problem, "description": "Too many attempts failed; see Retry-After"},
}
_PAGE: dict[str, Any] = {
    "dependencies": [require(Access.PUBLIC)],
    "response_class": Response,
    "responses": {
        200: {"description": "The form", "content": {"text/html": {}}},
        302: {"description": "Somebody is logged in already: on to `next`, or to the start page"},
    },
}


@router.get(LOGIN_PATH, summary="The login form", **_PAGE)
async def old_form(request: Request, session: Transaction) -> Response:
    """The form for browsers."""
    return _form(request, await visitor_or_nobody(request, session), OLD_DOOR)


@router.get(ACCOUNT_LOGIN_PATH, summary="The login form (other address)", **_PAGE)
async def account_form(request: Request, session: Transaction) -> Response:
    """The same form; its login ends with the browser."""
    return _form(request, await visitor_or_nobody(request, session), ACCOUNT_DOOR)


@router.post(
    LOGIN_PATH,
    dependencies=[require(Access.PUBLIC)],
    response_model=schemas.Done | schemas.CodeNeeded,
    responses=_LOGIN,
    openapi_extra=openapi.body(schemas.Credentials, form=True),
    summary="Log in for a day",
)
async def old_login(request: Request) -> Response:
    """Logs in with a cookie that lasts a day from its last use."""
    return await _log_in(request, OLD_DOOR)


@router.post(
    ACCOUNT_LOGIN_PATH,
    dependencies=[require(Access.PUBLIC)],
    response_model=LoggedInWithTokens | schemas.LoggedIn | schemas.CodeNeeded,
    responses=_LOGIN,
    openapi_extra=openapi.body(schemas.Credentials, form=True),
    summary="Log in until the browser closes",
)
async def account_login(request: Request) -> Response:
    """Logs in with a cookie that the browser forgets when it closes, and tells who that is.

    With `grant_type=password`, as OAuth2 clients send it, the answer has tokens too.
    """
    return await _log_in(request, ACCOUNT_DOOR)


@router.post(
    "/auth/logout",
    dependencies=[require(Access.PUBLIC)],
    response_model=schemas.Done,
    responses={
        **openapi.problems(),
        302: {"description": "Nobody was logged in: to the login form"},
        401: {"model": openapi.Problem, "description": "Nobody was logged in"},
    },
    summary="Log out",
)
async def logout(request: Request, session: Transaction) -> Response:
    """Ends this login, on the server too."""
    visitor = await find_visitor(request, session)
    if visitor.session_id is None:
        raise NotLoggedIn(local(request.scope, ACCOUNT_LOGIN_PATH), names_login=False)
    await _end(request, session, visitor)
    return forgetting(request, JSON(LOGGED_OUT))


@router.post(
    "/auth/dynamic-logout",
    response_model=schemas.Done,
    responses={**openapi.problems(), 302: {"description": "Not JSON: to the login form"}},
    summary="Log out (for the pages)",
)
async def leave(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Ends this login and empties the cookie."""
    await _end(request, session, visitor)
    asks_json = is_json(request.headers.get("content-type", ""))
    answer = JSON(LOGGED_OUT) if asks_json else redirect(local(request.scope, LOGIN_PATH))
    return forgetting(request, answer)


@router.get(
    "/auth/dynamic-logout",
    response_class=Response,
    responses={**openapi.problems(), 302: {"description": "To the login form"}},
    summary="Log out by a link",
)
async def leave_by_link(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Ends this login and empties the cookie."""
    if visitor.session_id is not None and request.method == "GET":
        await session.rollback()  # gives the reading connection back before one for writing is taken
        async with request.state.database.writing() as writer:
            await _end(request, writer, visitor)
    browser_of(request).clear()
    return forgetting(request, redirect(local(request.scope, LOGIN_PATH)))


@router.get(
    "/auth/check",
    dependencies=[require(Access.PUBLIC)],
    response_model=schemas.Check,
    response_model_exclude_unset=True,
    summary="Who am I?",
)
async def check(request: Request, session: Transaction) -> JSON:
    """Whether somebody is logged in, and who. Refuses nobody."""
    visitor = await visitor_or_nobody(request, session)
    if not visitor.logged_in:
        return JSON({"authenticated": False})
    user = rules.account(visitor.user_id, visitor.username, visitor.email, visitor.role)
    return JSON({"authenticated": True, "user": user})


async def _end(request: Request, session: AsyncSession, visitor: Visitor) -> None:
    """Ends the login and whatever hangs on it, and empties the cookie."""
    if visitor.session_id is not None:
        await revoke(session, visitor.session_id)
        origin, login = origin_of(request), visitor.session_id
        record(session, Event.LOGOUT, origin, user_id=visitor.user_id, username=visitor.username, login=login)
    browser_of(request).clear()


def _form(request: Request, visitor: Visitor, door: Door) -> Response:
    query = query_values(request)
    if visitor.logged_in:
        return redirect(_onward(request))
    asked = query.get("next", "")
    return render_login(request, door.path, query.get("error", ""), _onward(request) if asked else "")


def _onward(request: Request) -> str:
    """Where a login leads: `next` when it stays on this site, else the start page."""
    return inside(query_values(request).get("next", ""), request.scope)


async def _log_in(request: Request, door: Door) -> Response:
    speaks_json = is_json(request.headers.get("content-type", ""))
    values = await json_body(request) if speaks_json else await _form_values(request)
    with_tokens = door is ACCOUNT_DOOR and await asks_tokens(request)
    asks_json = speaks_json or with_tokens
    try:
        given = rules.credentials(values)
    except rules.MissingCredentials:
        if door.missing_leads_back and not asks_json:
            return _back(request, door, rules.REQUIRED)
        return JSON({"error": rules.REQUIRED}, door.status_when_missing)
    outcome = await log_in(request.state.database, request.state.hashing, given, client_of(request))
    if isinstance(outcome, Wait):
        raise TooManyRequests(seconds_until(outcome.until, now()))
    if isinstance(outcome, Refusal):
        reason = outcome.reason
        return JSON({"error": reason}, 401) if asks_json else _back(request, door, reason)
    if isinstance(outcome, Pending):
        return _half_way(request, door, outcome, asks_json=asks_json)
    tokens = await tokens_of(request, outcome) if with_tokens else None
    return forgetting(request, _admitted(request, door, outcome, tokens, asks_json=asks_json))


async def _form_values(request: Request) -> dict[str, Any]:
    async with request.form(max_files=0, max_fields=16) as form:
        return {name: form.get(name) for name in ("username", "password")}


def _back(request: Request, door: Door, reason: str) -> Response:
    return redirect(f"{local(request.scope, door.path)}?error={quote_plus(reason, safe=':')}")


def _half_way(request: Request, door: Door, pending: Pending, *, asks_json: bool) -> Response:
    """The password was right: the second factor is asked."""
    user = pending.user
    note = PendingLogin(user.id, proof_of(user.password_hash), door.keeps_cookie, _onward(request))
    keep_pending(request, note)
    if not asks_json:
        return redirect(local(request.scope, SECOND_FACTOR_PATH))
    return JSON({"success": False, "requires_2fa": True, "message": CODE_NEEDED, "user_id": user.id})


def _admitted(request: Request, door: Door, login: Login, tokens: Tokens | None, *, asks_json: bool) -> Response:
    user = login.user
    keep_login(request, login, permanent=door.keeps_cookie)
    if not asks_json:
        return redirect(_onward(request))
    done = {"success": True, "message": "Login successful"}
    if door is OLD_DOOR:
        return JSON(done)
    account = rules.account(user.id, user.username, user.email, user.role)
    body = {**done, "user": account, "session": {"token": login.token}}
    return JSON({**body, **tokens.answer()}, headers={"cache-control": "no-store"}) if tokens else JSON(body)
