"""The login routes. Two doors from 0.9 lead to the same accounts; they differ in their answers and their cookie."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote_plus

from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.auth import rules, schemas
from fastapi_app.auth.access import Access
from fastapi_app.auth.cookies import PERMANENT, BrowserSession
from fastapi_app.auth.login import Client, Login, log_in
from fastapi_app.auth.requirement import require
from fastapi_app.auth.sessions import TOKEN_KEY, USER_KEY, find_visitor, revoke
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import is_json, json_body, query_values
from fastapi_app.errors import NotLoggedIn
from fastapi_app.pages.markup import render_login
from fastapi_app.responses import JSON, redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import LOGIN_PATH, inside, local

router = APIRouter(route_class=Route, tags=["auth"])

ACCOUNT_LOGIN_PATH = "/auth/login"
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
    return _form(request, await find_visitor(request, session), OLD_DOOR)


@router.get(ACCOUNT_LOGIN_PATH, summary="The login form (other address)", **_PAGE)
async def account_form(request: Request, session: Transaction) -> Response:
    """The same form; its login ends with the browser."""
    return _form(request, await find_visitor(request, session), ACCOUNT_DOOR)


@router.post(
    LOGIN_PATH,
    dependencies=[require(Access.PUBLIC)],
    response_model=schemas.Done,
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
    response_model=schemas.LoggedIn,
    responses=_LOGIN,
    openapi_extra=openapi.body(schemas.Credentials, form=True),
    summary="Log in until the browser closes",
)
async def account_login(request: Request) -> Response:
    """Logs in with a cookie that the browser forgets when it closes, and tells who that is."""
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
    await revoke(session, visitor.session_id)
    _browser(request).clear()
    return JSON(LOGGED_OUT)


@router.post(
    "/auth/dynamic-logout",
    response_model=schemas.Done,
    responses={**openapi.problems(), 302: {"description": "Not JSON: to the login form"}},
    summary="Log out (for the pages)",
)
async def leave(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Ends this login and empties the cookie."""
    if visitor.session_id is not None:
        await revoke(session, visitor.session_id)
    _browser(request).clear()
    asks_json = is_json(request.headers.get("content-type", ""))
    return JSON(LOGGED_OUT) if asks_json else redirect(local(request.scope, LOGIN_PATH))


@router.get(
    "/auth/dynamic-logout",
    response_class=Response,
    responses={302: {"description": "To the login form"}},
    summary="Log out by a link",
)
async def leave_by_link(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Ends this login and empties the cookie."""
    if visitor.session_id is not None and request.method == "GET":
        await session.rollback()  # gives the reading connection back before one for writing is taken
        async with request.state.database.writing() as writer:
            await revoke(writer, visitor.session_id)
    _browser(request).clear()
    return redirect(local(request.scope, LOGIN_PATH))


@router.get(
    "/auth/check",
    dependencies=[require(Access.PUBLIC)],
    response_model=schemas.Check,
    response_model_exclude_unset=True,
    summary="Who am I?",
)
async def check(request: Request, session: Transaction) -> JSON:
    """Whether somebody is logged in, and who."""
    visitor = await find_visitor(request, session)
    if not visitor.logged_in:
        return JSON({"authenticated": False})
    user = rules.account(visitor.user_id, visitor.username, visitor.email, visitor.role)
    return JSON({"authenticated": True, "user": user})


def _browser(request: Request) -> BrowserSession:
    session: BrowserSession = request.scope["session"]
    return session


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
    asks_json = is_json(request.headers.get("content-type", ""))
    values = await json_body(request) if asks_json else await _form_values(request)
    try:
        given = rules.credentials(values)
    except rules.MissingCredentials:
        if door.missing_leads_back and not asks_json:
            return _back(request, door, rules.REQUIRED)
        return JSON({"error": rules.REQUIRED}, door.status_when_missing)
    outcome = await log_in(request.state.database, request.state.hashing, given, _client(request))
    if isinstance(outcome, str):
        return JSON({"error": outcome}, 401) if asks_json else _back(request, door, outcome)
    return _admitted(request, door, outcome, asks_json=asks_json)


async def _form_values(request: Request) -> dict[str, Any]:
    async with request.form(max_files=0, max_fields=16) as form:
        return {name: form.get(name) for name in ("username", "password")}


def _back(request: Request, door: Door, reason: str) -> Response:
    return redirect(f"{local(request.scope, door.path)}?error={quote_plus(reason, safe=':')}")


def _admitted(request: Request, door: Door, login: Login, *, asks_json: bool) -> Response:
    user = login.user
    content = {TOKEN_KEY: login.token, USER_KEY: user.id}
    _browser(request).replace({PERMANENT: True, **content} if door.keeps_cookie else content)
    if not asks_json:
        return redirect(_onward(request))
    done = {"success": True, "message": "Login successful"}
    if door is OLD_DOOR:
        return JSON(done)
    account = rules.account(user.id, user.username, user.email, user.role)
    return JSON({**done, "user": account, "session": {"token": login.token}})


def _client(request: Request) -> Client:
    token = _browser(request).get(TOKEN_KEY)
    return Client(
        ip=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
        token=token if isinstance(token, str) else "",
    )
