"""Opens the login of somebody who proved who they are."""

import secrets

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Origin, record
from fastapi_app.auth.attempts import forget, sweep
from fastapi_app.auth.limits import code_subject, home_subject
from fastapi_app.auth.outcome import Client, Login
from fastapi_app.auth.sessions import open_session
from fastapi_app.models import SessionStatus, User, UserSession, now

log = structlog.get_logger(__name__)


async def admit(session: AsyncSession, user: User, client: Client, *, factors: int = 1) -> Login:
    """A new login of `user`, whose row the transaction has locked. The browser's earlier one ends.

    A lock that strangers brought about stays for them.
    """
    at = now()
    user.failed_login_attempts = 0
    if user.locked_until is not None and user.locked_until <= at:
        user.locked_until = None
    user.last_login, user.last_login_ip = at, client.ip[:45]
    await end_earlier(session, client)
    await forget(session, [home_subject(user.id, client.ip), code_subject(user.id)])
    await sweep(session, at)
    token = secrets.token_urlsafe(32)
    row = open_session(user.id, token, at, client.ip, client.agent)
    session.add(row)
    await session.flush()
    record(session, Event.LOGIN, origin(client), user_id=user.id, username=user.username, factors=factors)
    log.info("login", user_id=user.id)
    return Login(user, token, row.id)


async def end_earlier(session: AsyncSession, client: Client) -> None:
    """Ends the login that this browser had before."""
    if client.token:
        earlier = (UserSession.session_token == client.token, UserSession.status == SessionStatus.ACTIVE)
        await session.execute(update(UserSession).where(*earlier).values(status=SessionStatus.REVOKED))


def origin(client: Client) -> Origin:
    """The client as the audit trail writes it."""
    return Origin(client.ip, client.agent, client.request_id)
