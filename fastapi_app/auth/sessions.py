"""Logins as rows: finding, opening, prolonging and revoking them."""

import hmac
from datetime import datetime, timedelta

import structlog
from fastapi import Request
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.cookies import LIFETIME, BrowserSession
from fastapi_app.auth.visitor import ANONYMOUS, Visitor
from fastapi_app.models import SessionStatus, User, UserSession, now
from fastapi_app.transaction import SAFE_METHODS, Record

TOKEN_KEY = "session_token"  # noqa: S105 - the name of a member, not a secret
USER_KEY = "user_id"
SLIDES_EVERY = timedelta(minutes=1)
_TOKEN_LENGTH = 255

log = structlog.get_logger(__name__)


async def find_visitor(request: Request, session: AsyncSession) -> Visitor:
    """Who the cookie proves. One query, and none without a token."""
    browser: BrowserSession = request.scope["session"]
    token = browser.get(TOKEN_KEY)
    if not isinstance(token, str) or not 0 < len(token) <= _TOKEN_LENGTH:
        return ANONYMOUS
    found = await _row(session, token)
    if found is None:
        return ANONYMOUS
    if is_due(found.last_activity, now()):
        await _slide(request, session, found.session_id)
    return Visitor(found.user_id, found.username, found.email, found.role, found.session_id)


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


async def revoke(session: AsyncSession, session_id: int) -> None:
    await session.execute(update(UserSession).where(UserSession.id == session_id).values(status=SessionStatus.REVOKED))


async def _row(session: AsyncSession, token: str) -> Record | None:
    """The live login with exactly this token; the column itself compares without regard to case."""
    columns = (
        UserSession.id.label("session_id"),
        UserSession.session_token,
        UserSession.last_activity,
        User.id.label("user_id"),
        User.username,
        User.email,
        User.role,
    )
    alive = (UserSession.status == SessionStatus.ACTIVE, UserSession.expires_at > now(), User.is_active.is_(True))
    query = (
        select(*columns).join(User, UserSession.user_id == User.id).where(UserSession.session_token == token, *alive)
    )
    found = (await session.execute(query)).first()
    same = found is not None and hmac.compare_digest(found.session_token.encode(), token.encode())
    return found if same else None


async def _slide(request: Request, session: AsyncSession, session_id: int) -> None:
    """Prolongs a login. A reading request does it in a transaction of its own, after giving its connection back."""
    at = now()
    change = update(UserSession).where(UserSession.id == session_id).values(last_activity=at, expires_at=at + LIFETIME)
    if request.method not in SAFE_METHODS:
        await session.execute(change)
        return
    await session.rollback()
    try:
        async with request.state.database.writing() as writer:
            await writer.execute(change)
    except OperationalError:
        log.warning("a login was not prolonged", session_id=session_id)
