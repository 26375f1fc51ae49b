"""Tokens for clients that keep no cookies, and for pages that want theirs in cookies."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.audit.events import Event
from fastapi_app.audit.record import origin_of, record
from fastapi_app.auth import token_schemas as schemas
from fastapi_app.auth.access import Access
from fastapi_app.auth.cookies import ACCESS_COOKIE, REFRESH_COOKIE, cookie_value, token_cookie
from fastapi_app.auth.credential import Credential, Kind
from fastapi_app.auth.outcome import Login
from fastapi_app.auth.refresh import DESCRIPTION, Tokens, Use, issue, rotate
from fastapi_app.auth.refusals import tell_refusal
from fastapi_app.auth.requirement import logged_in, require
from fastapi_app.auth.sessions import login_of
from fastapi_app.auth.tokens import ACCESS_LIFETIME, REFRESH_LIFETIME, Claims, TokenKind, TokenRefused, TokenSigner
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import is_json, json_body
from fastapi_app.errors import BadField, BadRequest, CredentialRefused, Forbidden
from fastapi_app.fields import boolean, query_flag
from fastapi_app.models import now
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import header, local

router = APIRouter(prefix="/auth", route_class=Route, tags=["auth"])

Reader = Annotated[Visitor, require(Access.READ)]
DOUBLED = "This refresh token was used a moment ago: use the tokens that came then"
_PATHS = {ACCESS_COOKIE: "/", REFRESH_COOKIE: "/auth"}
_LIFETIMES = {ACCESS_COOKIE: ACCESS_LIFETIME, REFRESH_COOKIE: REFRESH_LIFETIME}


@router.post(
    "/token",
    response_model=schemas.Issued | schemas.Kept,
    responses={**openapi.problems(400), 302: {"description": "Not JSON, and nobody: to the login form"}},
    openapi_extra=openapi.body(schemas.Conversion, form=True),
    summary="Tokens for this login",
)
async def convert(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """Tokens that hang on the login of this browser: they end with it. Only its cookie may ask for them."""
    user_id = logged_in(request, visitor)
    holder = await login_of(request, session)
    if visitor.session_id is None or holder.session_id != visitor.session_id:
        raise Forbidden("Only the cookie of a login can be exchanged for tokens")
    in_cookies = _wants_cookies(await _values(request))
    tokens = await _issue(request, session, user_id, visitor.username, visitor.session_id)
    return told(request, tokens, in_cookies=in_cookies)


@router.post(
    "/refresh",
    dependencies=[require(Access.PUBLIC)],
    response_model=schemas.Issued | schemas.Kept,
    responses=openapi.problems(400, 409),
    openapi_extra=openapi.body(schemas.Refresh, form=True, required=False),
    summary="New tokens for old",
)
async def refresh(request: Request) -> JSON:
    """New tokens for a refresh token, which counts once.

    409 when the same client sent it twice at once. Whoever uses it again later ends the login, with 401 for everybody.
    """
    values = await _values(request)
    kept = cookie_value(header(request.scope, b"cookie"), REFRESH_COOKIE)
    sent = values.get("refresh_token") or ""
    if not isinstance(sent, str):
        raise BadField("refresh_token", "text")
    in_cookies = _wants_cookies(values) or not sent
    found = await _exchanged(request, sent or kept)
    if found is Use.DOUBLED:
        return JSON({"error": DOUBLED}, 409)
    if isinstance(found, Use):
        raise CredentialRefused
    return told(request, found, in_cookies=in_cookies)


async def asks_tokens(request: Request) -> bool:
    """Whether a login is one of OAuth2's kind, `grant_type=password` in its JSON or form: then it is told tokens."""
    return (await _values(request)).get("grant_type") == "password"


async def tokens_of(request: Request, login: Login) -> Tokens:
    """Tokens that hang on a new login, in a transaction of their own."""
    async with request.state.database.writing() as session:
        return await _issue(request, session, login.user.id, login.user.username, login.session_id)


def told(request: Request, tokens: Tokens, *, in_cookies: bool) -> JSON:
    """The answer with new tokens: in its body, or in cookies that scripts can't read."""
    response = JSON({"success": True, **(DESCRIPTION if in_cookies else tokens.answer())})
    response.headers["cache-control"] = "no-store"
    if in_cookies:
        for name, value in ((ACCESS_COOKIE, tokens.access), (REFRESH_COOKIE, tokens.refresh)):
            response.headers.append("set-cookie", _cookie(request, name, value))
    return response


def forgetting(request: Request, answer: Response) -> Response:
    """`answer`, which removes the cookies of tokens that this request brought: they are of a login before this one."""
    brought = header(request.scope, b"cookie")
    for name in _PATHS:
        if cookie_value(brought, name):
            answer.headers.append("set-cookie", _cookie(request, name, ""))
    return answer


async def _issue(request: Request, session: AsyncSession, user_id: int, username: str, session_id: int) -> Tokens:
    tokens = await issue(session, request.state.tokens, user_id, session_id, now())
    origin = origin_of(request)
    record(session, Event.TOKENS_ISSUED, origin, user_id=user_id, username=username, login=session_id)
    return tokens


async def _exchanged(request: Request, token: str) -> Tokens | Use:
    """In a transaction of its own, which is kept when the answer is a refusal: a replay ends the login."""
    if not token:
        return Use.REFUSED
    at, signer = now(), request.state.tokens
    claims = _read(signer, token)
    async with request.state.database.writing() as session:
        found = await rotate(session, signer, claims, origin_of(request), at) if claims else Use.REFUSED
    if found is Use.REFUSED:
        async with request.state.database.reading() as session:
            await tell_refusal(request, session, Credential(Kind.TOKEN, token))
    return found


def _read(signer: TokenSigner, token: str) -> Claims | None:
    try:
        return signer.read(token, TokenKind.REFRESH, now())
    except TokenRefused:
        return None


async def _values(request: Request) -> dict[str, Any]:
    """The members of a JSON body, or of a form; none where nothing was sent."""
    if is_json(request.headers.get("content-type", "")):
        values = await json_body(request)
        if not isinstance(values, dict):
            raise BadRequest("The body must be a JSON object")
        return values
    async with request.form(max_files=0, max_fields=16) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _wants_cookies(values: dict[str, Any]) -> bool:
    value = values.get("cookie")
    return bool(query_flag(value)) if isinstance(value, str) else boolean(value, "cookie", default=False)


def _cookie(request: Request, name: str, value: str) -> str:
    at, path = now(), local(request.scope, _PATHS[name])
    secure = request.scope.get("scheme") == "https"
    return token_cookie(name, value, at + _LIFETIMES[name], at, path, secure=secure)
