"""Issuing tokens for a login, and exchanging a refresh token for new ones: each counts once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Origin, Outcome, record
from fastapi_app.auth.sessions import prolonged, revoke
from fastapi_app.auth.tokens import ACCESS_LIFETIME, REFRESH_LIFETIME, Claims, TokenKind, TokenSigner
from fastapi_app.models import RefreshToken, SessionStatus, User, UserSession

GRACE = timedelta(seconds=10)
"""How long after its use a refresh token that comes again from the same client counts as sent twice, not as stolen."""


@dataclass(frozen=True)
class Tokens:
    """Both tokens of a login."""

    access: str
    refresh: str

    def answer(self) -> dict[str, Any]:
        """As OAuth2 clients know it."""
        return {"access_token": self.access, "refresh_token": self.refresh, **DESCRIPTION}


DESCRIPTION: dict[str, Any] = {"token_type": "bearer", "expires_in": int(ACCESS_LIFETIME.total_seconds())}


class Use(Enum):
    """What becomes of a refresh token."""

    ROTATED = "rotated"
    REFUSED = "refused"
    DOUBLED = "doubled"
    REPLAYED = "replayed"


def use(used_at: datetime | None, at: datetime, *, same_client: bool) -> Use:
    """What a stored token that has not expired comes to. Pure."""
    if used_at is None:
        return Use.ROTATED
    return Use.DOUBLED if same_client and at - used_at <= GRACE else Use.REPLAYED


async def issue(session: AsyncSession, signer: TokenSigner, user_id: int, session_id: int, at: datetime) -> Tokens:
    """New tokens that hang on this login, which lives as long as they do. The caller's transaction keeps them."""
    token_id = secrets.token_urlsafe(32)
    ended = (RefreshToken.session_id == session_id, RefreshToken.expires_at <= at)
    await session.execute(delete(RefreshToken).where(*ended))
    until = at + REFRESH_LIFETIME
    session.add(RefreshToken(session_id=session_id, token_hash=_hashed(token_id), created_at=at, expires_at=until))
    change = update(UserSession).where(UserSession.id == session_id)
    await session.execute(change.values(expires_at=prolonged(until)))
    access = signer.write(TokenKind.ACCESS, Claims(user_id, session_id, secrets.token_urlsafe(16)), at)
    return Tokens(access, signer.write(TokenKind.REFRESH, Claims(user_id, session_id, token_id), at))


async def rotate(
    session: AsyncSession, signer: TokenSigner, claims: Claims, origin: Origin, at: datetime
) -> Tokens | Use:
    """New tokens for a refresh token that was read, or why there are none. A replay ends the login it hangs on.

    The login's row is locked first: of several uses at once, one wins.
    """
    login = await session.scalar(select(UserSession).where(UserSession.id == claims.session_id).with_for_update())
    if login is None or not await _counts(session, login, claims, at):
        return Use.REFUSED
    stored = (RefreshToken.token_hash == _hashed(claims.token_id), RefreshToken.session_id == login.id)
    token = await session.scalar(select(RefreshToken).where(*stored).with_for_update())
    if token is None or token.expires_at <= at:
        return Use.REFUSED
    found = use(token.used_at, at, same_client=_is_same(login, origin))
    if found is Use.REPLAYED:
        await revoke(session, login.id)
        record(session, Event.TOKEN_REPLAYED, origin, outcome=Outcome.FAILURE, user_id=login.user_id, login=login.id)
    if found is not Use.ROTATED:
        return found
    token.used_at = login.last_activity = at
    login.ip_address, login.user_agent = origin.ip[:45], origin.agent
    await session.flush()
    return await issue(session, signer, login.user_id, login.id, at)


async def _counts(session: AsyncSession, login: UserSession, claims: Claims, at: datetime) -> bool:
    if login.status is not SessionStatus.ACTIVE or login.expires_at <= at or login.user_id != claims.user_id:
        return False
    return bool(await session.scalar(select(User.is_active).where(User.id == login.user_id)))


def _is_same(login: UserSession, origin: Origin) -> bool:
    """Whether this client is the one that used the login last: it sent its token twice, and nobody stole it."""
    return (login.ip_address or "", login.user_agent or "") == (origin.ip[:45], origin.agent)


def _hashed(token_id: str) -> str:
    return hashlib.sha256(token_id.encode()).hexdigest()
