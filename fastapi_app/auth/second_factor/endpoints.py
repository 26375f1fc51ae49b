"""The second step of a login: the page that asks for the code, and the check."""

from typing import Any
from urllib.parse import quote_plus

from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.browser import browser_of, client_of, keep_login, pending_of
from fastapi_app.auth.endpoints import ACCOUNT_LOGIN_PATH, SECOND_FACTOR_PATH
from fastapi_app.auth.limits import seconds_until
from fastapi_app.auth.outcome import Login, Outcome, Refusal, Wait
from fastapi_app.auth.pending import PendingLogin
from fastapi_app.auth.refresh import Tokens
from fastapi_app.auth.requirement import require
from fastapi_app.auth.second_factor import schemas
from fastapi_app.auth.second_factor.queries import PendingLoginEnded, verify
from fastapi_app.auth.token_endpoints import asks_tokens, forgetting, tokens_of
from fastapi_app.auth.token_schemas import VerifiedWithTokens
from fastapi_app.bodies import is_json, json_body, query_values
from fastapi_app.errors import BadField, BadRequest, NotLoggedIn, TooManyRequests
from fastapi_app.fields import plain
from fastapi_app.models import now
from fastapi_app.pages.markup import render_second_factor
from fastapi_app.responses import JSON, redirect
from fastapi_app.route import Route
from fastapi_app.urls import local

router = APIRouter(route_class=Route, tags=["auth"])

VERIFY_PATH = "/2fa/api/verify-login"
BOTH_REQUIRED = "User ID and verification token are required"
CODE_REQUIRED = "The code is required"


@router.get(
    SECOND_FACTOR_PATH,
    dependencies=[require(Access.PUBLIC)],
    response_class=Response,
    responses={
        200: {"description": "The form", "content": {"text/html": {}}},
        302: {"description": "No login waits for its code: to the login form"},
    },
    summary="The form for the second factor",
)
async def code_form(request: Request) -> Response:
    """Asks for the code of a login whose password was right."""
    if pending_of(request) is None:
        return redirect(local(request.scope, ACCOUNT_LOGIN_PATH))
    return render_second_factor(request, VERIFY_PATH, query_values(request).get("error", ""))


@router.post(
    VERIFY_PATH,
    dependencies=[require(Access.PUBLIC)],
    response_model=VerifiedWithTokens | schemas.Verified,
    responses={
        **openapi.problems(400),
        302: {"description": "A form: on to where the login leads, or back with an error"},
        401: {"model": openapi.Problem, "description": "A wrong code, or no login waits for one"},
        429: {"model": openapi.Problem, "description": "Too many wrong codes: the login begins again"},
    },
    openapi_extra=openapi.body(schemas.Code, form=True),
    summary="Log in with the second factor",
)
async def verify_login(request: Request) -> Response:
    """Completes a login: needs the cookie that the right password left."""
    speaks_json = is_json(request.headers.get("content-type", ""))
    given = await _code(request, asks_json=speaks_json)
    if given is None:
        return _back(request, CODE_REQUIRED)
    asks_json = speaks_json or await asks_tokens(request)
    try:
        return await _complete(request, *given, asks_json=asks_json)
    except (NotLoggedIn, TooManyRequests) as refused:
        if asks_json:
            raise
        told = f"?error={quote_plus(refused.message)}" if isinstance(refused, TooManyRequests) else ""
        return redirect(local(request.scope, ACCOUNT_LOGIN_PATH) + told)


async def _complete(request: Request, user_id: int | None, code: str, *, asks_json: bool) -> Response:
    pending = pending_of(request)
    if pending is None or user_id not in (None, pending.user_id):
        raise _not_pending(request)
    outcome = await _verified(request, pending, code)
    if isinstance(outcome, Login):
        tokens = await tokens_of(request, outcome) if await asks_tokens(request) else None
        return forgetting(request, _admitted(request, pending, outcome, tokens, asks_json=asks_json))
    if isinstance(outcome, Wait):
        browser_of(request).clear()
        raise TooManyRequests(seconds_until(outcome.until, now()))
    reason = outcome.reason if isinstance(outcome, Refusal) else ""
    return JSON({"error": reason}, 401) if asks_json else _back(request, reason)


async def _verified(request: Request, pending: PendingLogin, code: str) -> Outcome:
    try:
        async with request.state.database.writing() as session:
            return await verify(session, pending, code, client_of(request))
    except PendingLoginEnded:
        browser_of(request).clear()
        raise _not_pending(request) from None


async def _code(request: Request, *, asks_json: bool) -> tuple[int | None, str] | None:
    """The user that JSON names, and the code. None for a form without one; raises BadRequest for the like of JSON."""
    if asks_json:
        return _json_code(await json_body(request))
    async with request.form(max_files=0, max_fields=16) as form:
        code = form.get("token")
    return (None, plain(code, "token")) if isinstance(code, str) and code else None


def _json_code(values: Any) -> tuple[int, str]:
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    user_id, code = values.get("user_id"), values.get("token")
    if not user_id or not code:
        raise BadRequest(BOTH_REQUIRED)
    if not isinstance(user_id, int):
        raise BadField("user_id", "a whole number")
    if not isinstance(code, str):
        raise BadField("token", "text")
    return user_id, plain(code, "token")


def _admitted(
    request: Request, pending: PendingLogin, login: Login, tokens: Tokens | None, *, asks_json: bool
) -> Response:
    keep_login(request, login, permanent=pending.keeps_cookie)
    if not (asks_json or tokens):
        return redirect(pending.onward)
    done = {"success": True, "message": "Login successful"}
    body = {**done, "session_token": login.token, "redirect_url": pending.onward}
    return JSON({**body, **tokens.answer()}, headers={"cache-control": "no-store"}) if tokens else JSON(body)


def _back(request: Request, reason: str) -> Response:
    return redirect(f"{local(request.scope, SECOND_FACTOR_PATH)}?error={quote_plus(reason)}")


def _not_pending(request: Request) -> NotLoggedIn:
    return NotLoggedIn(local(request.scope, ACCOUNT_LOGIN_PATH), names_login=False)
