"""Logins as rows: finding, opening, prolonging and revoking them. The one place that finds a request's visitor."""

import hmac
from datetime import datetime, timedelta
from typing import Any

import structlog
from fastapi import Request
from sqlalchemy import ColumnElement, Executable, Update, bindparam, case, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.cookies import ACCESS_COOKIE, LIFETIME, BrowserSession, cookie_value
from fastapi_app.auth.credential import Credential, Kind, presented
from fastapi_app.auth.keys import queries as keys
from fastapi_app.auth.keys.rules import hashed, is_key, lower
from fastapi_app.auth.refusals import tell_refusal
from fastapi_app.auth.tokens import TokenKind, TokenRefused, TokenSigner
from fastapi_app.auth.visitor import ANONYMOUS, Via, Visitor
from fastapi_app.database import writes
from fastapi_app.errors import CredentialRefused
from fastapi_app.models import SessionStatus, User, UserSession, now
from fastapi_app.transaction import Record, found
from fastapi_app.urls import header

TOKEN_KEY = "session_token"  # noqa: S105 - the name of a member, not a secret
USER_KEY = "user_id"
SLIDES_EVERY = timedelta(minutes=1)
_TOKEN_LENGTH = 255

_LIVE = (
    select(
        UserSession.id.label("session_id"),
        UserSession.session_token,
        UserSession.last_activity,
        User.id.label("user_id"),
        User.username,
        User.email,
        User.role,
    )
    .join(User, UserSession.user_id == User.id)
    .where(
        UserSession.status == SessionStatus.ACTIVE, UserSession.expires_at > bindparam("at"), User.is_active.is_(True)
    )
)
_BY_LOGIN = _LIVE.where(UserSession.session_token == bindparam("wanted"))
_BY_ID = _LIVE.where(UserSession.id == bindparam("wanted"))

log = structlog.get_logger(__name__)


async def find_visitor(request: Request, session: AsyncSession) -> Visitor:
    """Whom the request's credential proves. One query, and none where nothing is presented.

    A header or `?apikey=` decides alone, and raises CredentialRefused when it proves nobody. A cookie that proves
    nobody is nobody.
    """
    given = credential_of(request)
    if given is None:
        return await _by_cookies(request, session)
    by_kind = _by_token if given.kind is Kind.TOKEN else _by_key
    visitor = await by_kind(request, session, given.value)
    if visitor.logged_in:
        return visitor
    await tell_refusal(request, session, given)
    raise CredentialRefused


async def visitor_or_nobody(request: Request, session: AsyncSession) -> Visitor:
    """`find_visitor` for the public routes, which refuse nobody."""
    try:
        return await find_visitor(request, session)
    except CredentialRefused:
        return ANONYMOUS


async def login_of(request: Request, session: AsyncSession) -> Visitor:
    """Whom the login cookie proves, whatever else the request carries."""
    browser: BrowserSession = request.scope["session"]
    return await _by_login(request, session, browser.get(TOKEN_KEY))


def credential_of(request: Request) -> Credential | None:
    """What the request carries beside its cookies."""
    headers = request.headers
    return presented(headers.get("authorization"), headers.get("x-api-key"), request.scope.get("query_string", b""))


def is_due(last_activity: datetime | None, at: datetime) -> bool:
    """Whether a login last prolonged at `last_activity` is prolonged again: once a minute, not with every request."""
    return last_activity is None or at - last_activity >= SLIDES_EVERY


def open_session(user_id: int, token: str, at: datetime, ip: str, agent: str) -> UserSession:
    """The row of a new login, to be added to a transaction."""
    return UserSession(
        user_id=user_id,
        session_token=token,
        status=SessionStatus.ACTIVE,
        ip_address=ip[:45],
        user_agent=agent,
        created_at=at,
        last_activity=at,
        expires_at=at + LIFETIME,
    )


def prolonged(until: datetime) -> ColumnElement[datetime]:
    """`expires_at` of a login that is to live until then at least: it never becomes shorter."""
    return case((UserSession.expires_at < until, until), else_=UserSession.expires_at)


async def revoke(session: AsyncSession, session_id: int) -> None:
    await session.execute(update(UserSession).where(UserSession.id == session_id).values(status=SessionStatus.REVOKED))


async def _by_cookies(request: Request, session: AsyncSession) -> Visitor:
    browser: BrowserSession = request.scope["session"]
    login = browser.get(TOKEN_KEY)
    access = cookie_value(header(request.scope, b"cookie"), ACCESS_COOKIE)
    visitor = await _by_token(request, session, access) if access else ANONYMOUS
    return visitor if visitor.logged_in else await _by_login(request, session, login)


async def _by_login(request: Request, session: AsyncSession, token: Any) -> Visitor:
    """The column compares without regard to case; a token must not."""
    if not isinstance(token, str) or not 0 < len(token) <= _TOKEN_LENGTH:
        return ANONYMOUS
    row = await _row(session, _BY_LOGIN, token)
    if row is None or not hmac.compare_digest(row.session_token.encode(), token.encode()):
        return ANONYMOUS
    return await _visitor(request, session, row, Via.COOKIE)


async def _by_token(request: Request, session: AsyncSession, token: str) -> Visitor:
    signer: TokenSigner = request.state.tokens
    try:
        claims = signer.read(token, TokenKind.ACCESS, now())
    except TokenRefused as refused:
        log.info("a token was not read", reason=str(refused))
        return ANONYMOUS
    row = await _row(session, _BY_ID, claims.session_id)
    if row is None or row.user_id != claims.user_id:
        return ANONYMOUS
    return await _visitor(request, session, row, Via.TOKEN)


async def _by_key(request: Request, session: AsyncSession, key: str) -> Visitor:
    row = await keys.alive(session, hashed(key), now()) if is_key(key) else None
    if row is None:
        return ANONYMOUS
    if is_due(row.last_used_at, now()):
        ip = request.client.host if request.client else ""
        await _write(request, session, keys.used(row.key_id, now(), ip))
    return Visitor(row.user_id, row.username, row.email, lower(row.key_role, row.role), None, Via.KEY)


async def _visitor(request: Request, session: AsyncSession, row: Record, via: Via) -> Visitor:
    at = now()
    if is_due(row.last_activity, at):
        change = update(UserSession).where(UserSession.id == row.session_id)
        await _write(request, session, change.values(last_activity=at, expires_at=prolonged(at + LIFETIME)))
    return Visitor(row.user_id, row.username, row.email, row.role, row.session_id, via)


async def _row(session: AsyncSession, which: Executable, wanted: str | int) -> Record | None:
    """The live login of an active user."""
    rows = await found(session, which, wanted=wanted, at=now())
    return rows[0] if rows else None


async def _write(request: Request, session: AsyncSession, change: Update) -> None:
    """Notes that a login or a key was used. Where `session` only reads, in a transaction of its own, after giving its
    connection back."""
    if writes(session):
        await session.execute(change)
        return
    await session.rollback()
    try:
        async with request.state.database.writing() as writer:
            await writer.execute(change)
    except OperationalError:
        log.warning("the use of a login was not noted")
