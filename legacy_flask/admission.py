"""Opens the login of somebody who proved who they are."""

import secrets

from flask import current_app
from sqlalchemy import update
from sqlalchemy.orm import Session

from fastapi_app.models import SessionStatus, User, UserSession, now
from legacy_flask.attempt_rules import code_subject, home_subject
from legacy_flask.attempts import forget, sweep
from legacy_flask.audit import Event, record
from legacy_flask.cookies import LIFETIME
from legacy_flask.login_outcome import Client, Login

_LONGEST_IP = 45


def admit(session: Session, user: User, client: Client, *, factors: int = 1) -> Login:
    """A new login of `user`, whose row the transaction has locked. The browser's earlier one ends.

    A lock that strangers brought about stays for them.
    """
    at = now()
    user.failed_login_attempts = 0
    if user.locked_until is not None and user.locked_until <= at:
        user.locked_until = None
    user.last_login, user.last_login_ip = at, client.ip[:_LONGEST_IP]
    end_earlier(session, client)
    forget(session, [home_subject(user.id, client.ip), code_subject(user.id)])
    sweep(session, at)
    token = secrets.token_urlsafe(32)
    row = UserSession(
        user_id=user.id,
        session_token=token,
        status=SessionStatus.ACTIVE,
        ip_address=client.ip[:_LONGEST_IP],
        user_agent=client.agent,
        created_at=at,
        last_activity=at,
        expires_at=at + LIFETIME,
    )
    session.add(row)
    session.flush()
    record(session, Event.LOGIN, user_id=user.id, username=user.username, factors=factors)
    current_app.logger.info("login of user %s", user.id)
    return Login(token, row.id, user.id, user.username, user.email, user.role)


def end_earlier(session: Session, client: Client) -> None:
    """Ends the login that this browser had before."""
    if client.token:
        earlier = (UserSession.session_token == client.token, UserSession.status == SessionStatus.ACTIVE)
        session.execute(update(UserSession).where(*earlier).values(status=SessionStatus.REVOKED))
