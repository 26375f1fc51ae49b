"""One attempt to log in: look, compare beside the event loop, then decide in a transaction of its own.

No transaction is open while the password is compared, which takes a quarter of a second on purpose.
"""

import secrets
from dataclasses import dataclass

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.hashing import Hashing
from fastapi_app.auth.passwords import DUMMY_HASH, is_old_default
from fastapi_app.auth.rules import SECOND_FACTOR, WRONG, Credentials, after_failure, refusal
from fastapi_app.auth.sessions import open_session
from fastapi_app.database import Database
from fastapi_app.models import SessionStatus, User, UserSession, now

_NAME_LENGTH = 120

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Client:
    """Where an attempt comes from. `token` is the login that the browser had before, empty for none."""

    ip: str
    agent: str
    token: str


@dataclass(frozen=True)
class Login:
    """A login that succeeded."""

    user: User
    token: str


async def log_in(database: Database, hashing: Hashing, given: Credentials, client: Client) -> Login | str:
    """A new login, or the reason that the visitor reads."""
    async with database.reading() as session:
        known = await _find(session, given.username)
    matches = await hashing.verify(given.password, known.password_hash if known else DUMMY_HASH)
    if known is None:
        log.warning("login refused", reason="unknown user")
        return WRONG
    right = matches and not is_old_default(known.username, given.password)
    async with database.writing() as session:
        return await _decide(session, known, client, right=right)


async def _find(session: AsyncSession, name: str) -> User | None:
    """The user of this name, else of this address."""
    if len(name) > _NAME_LENGTH:
        return None
    query = select(User).where(or_(User.username == name, User.email == name)).order_by((User.username == name).desc())
    return await session.scalar(query.limit(1))


async def _decide(session: AsyncSession, known: User, client: Client, *, right: bool) -> Login | str:
    """The outcome, by the row as it is now: several attempts at once count one after the other."""
    at = now()
    user = await session.scalar(select(User).where(User.id == known.id).with_for_update())
    if user is None or user.password_hash != known.password_hash:
        return WRONG
    reason = refusal(is_active=user.is_active, locked_until=user.locked_until, at=at)
    if reason is None and not right:
        user.failed_login_attempts, user.locked_until = after_failure(user.failed_login_attempts or 0, at)
        reason = WRONG
    elif reason is None and user.two_factor_enabled:
        reason = SECOND_FACTOR
    if reason is not None:
        log.warning("login refused", user_id=user.id, reason="locked or inactive" if reason != WRONG else "wrong")
        return reason
    return await _admit(session, user, client)


async def _admit(session: AsyncSession, user: User, client: Client) -> Login:
    at = now()
    user.failed_login_attempts, user.locked_until = 0, None
    user.last_login, user.last_login_ip = at, client.ip[:45]
    if client.token:
        earlier = (UserSession.session_token == client.token, UserSession.status == SessionStatus.ACTIVE)
        await session.execute(update(UserSession).where(*earlier).values(status=SessionStatus.REVOKED))
    token = secrets.token_urlsafe(32)
    session.add(open_session(user.id, token, at, client.ip, client.agent))
    log.info("login", user_id=user.id)
    return Login(user, token)
