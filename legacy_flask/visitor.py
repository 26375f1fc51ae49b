"""Who sends a request: the row that the cookie names."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, g
from flask import session as cookie
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from fastapi_app.models import SessionStatus, User, UserRole, UserSession, now
from legacy_flask.cookies import LIFETIME
from legacy_flask.database import session, writing

TOKEN_KEY = "session_token"  # noqa: S105  the name of a member, not a secret
USER_KEY = "user_id"
_SLIDES_EVERY = timedelta(minutes=1)
_LONGEST_TOKEN = 255


@dataclass(frozen=True)
class Visitor:
    """A logged-in user; `session_id` is the row that proves the login."""

    user_id: int
    username: str
    email: str
    role: UserRole | None
    session_id: int


def find_visitor() -> Visitor | None:
    """Who the cookie proves, None for nobody. One query, and none without a token. Remembered for the request."""
    if "visitor" not in g:
        g.visitor = _find()
    found: Visitor | None = g.visitor
    return found


def _find() -> Visitor | None:
    token = cookie.get(TOKEN_KEY)
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
        return None
    columns = (UserSession.id, UserSession.session_token, UserSession.last_activity)
    row = (
        session()
        .query(*columns, User.id, User.username, User.email, User.role)
        .join(User, UserSession.user_id == User.id)
        .filter(UserSession.session_token == token, UserSession.status == SessionStatus.ACTIVE)
        .filter(UserSession.expires_at > now(), User.is_active.is_(True))
        .first()
    )
    # The column compares without regard to case and accents; a token must not.
    if row is None or not hmac.compare_digest(row[1].encode(), token.encode("utf-8", "replace")):
        return None
    _keep_alive(row[0], row[2])
    return Visitor(row[3], row[4], row[5], row[6], row[0])


def _keep_alive(session_id: int, last_activity: datetime | None) -> None:
    """Prolongs a login, once a minute and not with every request."""
    at = now()
    if last_activity is not None and at - last_activity < _SLIDES_EVERY:
        return
    change = update(UserSession).where(UserSession.id == session_id).values(last_activity=at, expires_at=at + LIFETIME)
    try:
        with writing() as current:
            current.execute(change)
    except OperationalError:
        current_app.logger.warning("the login %s was not prolonged", session_id)
