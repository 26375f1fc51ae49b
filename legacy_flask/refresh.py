"""Issuing tokens for a login, and exchanging a refresh token for new ones: each counts once."""

import secrets
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from fastapi_app.models import RefreshToken, SessionStatus, User, UserSession
from legacy_flask.audit import Event, Outcome, record
from legacy_flask.tokens import ACCESS, LIFETIMES, REFRESH, Claims, Signer
from legacy_flask.visitor import prolonged

_GRACE = timedelta(seconds=10)
"""A token that comes again so soon, from the same client, was sent twice and not stolen."""

DESCRIPTION: dict[str, Any] = {"token_type": "bearer", "expires_in": int(LIFETIMES[ACCESS].total_seconds())}


class Tokens(NamedTuple):
    """Both tokens of a login."""

    access: str
    refresh: str

    def answer(self) -> dict[str, Any]:
        """As OAuth2 clients know it."""
        return {"access_token": self.access, "refresh_token": self.refresh, **DESCRIPTION}


class Use(Enum):
    """What becomes of a refresh token."""

    ROTATED = "rotated"
    REFUSED = "refused"
    DOUBLED = "doubled"
    REPLAYED = "replayed"


class Client(NamedTuple):
    """Who sends it: an address and a program."""

    ip: str
    agent: str


def use(used_at: datetime | None, at: datetime, *, same_client: bool) -> Use:
    """What a stored token that has not expired comes to. Pure."""
    if used_at is None:
        return Use.ROTATED
    return Use.DOUBLED if at - used_at <= _GRACE and same_client else Use.REPLAYED


def issue(session: Session, signer: Signer, user_id: int, session_id: int, at: datetime) -> Tokens:
    """New tokens that hang on this login, which lives as long as they do. The caller's transaction keeps them."""
    token_id, until = secrets.token_urlsafe(32), at + LIFETIMES[REFRESH]
    ended = session.query(RefreshToken).filter(RefreshToken.session_id == session_id, RefreshToken.expires_at <= at)
    ended.delete(synchronize_session=False)
    session.add(RefreshToken(session_id=session_id, token_hash=_hashed(token_id), created_at=at, expires_at=until))
    change = update(UserSession).where(UserSession.id == session_id).values(expires_at=prolonged(until))
    session.execute(change.execution_options(synchronize_session=False))
    access = signer.write(ACCESS, Claims(user_id, session_id, secrets.token_urlsafe(16)), at)
    return Tokens(access, signer.write(REFRESH, Claims(user_id, session_id, token_id), at))


def rotate(session: Session, signer: Signer, claims: Claims, client: Client, at: datetime) -> Tokens | Use:
    """New tokens for a refresh token that was read, or why there are none. A replay ends the login it hangs on.

    The login's row is locked first: of several uses at once, one wins.
    """
    login = session.query(UserSession).filter(UserSession.id == claims.session_id).with_for_update().first()
    if login is None or not _counts(session, login, claims, at):
        return Use.REFUSED
    stored = (RefreshToken.token_hash == _hashed(claims.token_id), RefreshToken.session_id == login.id)
    token = session.query(RefreshToken).filter(*stored).with_for_update().first()
    if token is None or token.expires_at <= at:
        return Use.REFUSED
    is_same = (login.ip_address or "", login.user_agent or "") == (client.ip[:45], client.agent)
    found = use(token.used_at, at, same_client=is_same)
    if found is Use.REPLAYED:
        login.status = SessionStatus.REVOKED
        record(session, Event.TOKEN_REPLAYED, outcome=Outcome.FAILURE, user_id=login.user_id, login=login.id)
    if found is not Use.ROTATED:
        return found
    token.used_at = login.last_activity = at
    login.ip_address, login.user_agent = client.ip[:45], client.agent
    session.flush()
    return issue(session, signer, login.user_id, login.id, at)


def _counts(session: Session, login: UserSession, claims: Claims, at: datetime) -> bool:
    if login.status is not SessionStatus.ACTIVE or login.expires_at <= at or login.user_id != claims.user_id:
        return False
    return bool(session.query(User.is_active).filter(User.id == login.user_id).scalar())


def _hashed(token_id: str) -> str:
    return sha256(token_id.encode()).hexdigest()
