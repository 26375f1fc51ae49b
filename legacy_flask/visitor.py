"""Who sends a request, by whatever credential it carries."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app, g, request
from flask import session as cookie
from sqlalchemy import ColumnElement, Update, case, update
from sqlalchemy.exc import OperationalError

from fastapi_app.models import SessionStatus, User, UserRole, UserSession, now
from legacy_flask import api_keys, tokens
from legacy_flask.cookies import ACCESS_COOKIE, LIFETIME
from legacy_flask.credential import Kind, presented
from legacy_flask.database import session, writing
from legacy_flask.errors import CredentialRefused, Forbidden
from legacy_flask.refusals import tell_refusal

TOKEN_KEY = "session_token"  # noqa: S105  the name of a member, not a secret
USER_KEY = "user_id"
_SLIDES_EVERY = timedelta(minutes=1)
_LONGEST_TOKEN = 255


class Via(StrEnum):
    """What proved a visitor."""

    COOKIE = "cookie"
    TOKEN = "token"  # noqa: S105  a kind of proof, not a secret
    KEY = "key"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Visitor:
    """A logged-in user. `session_id` is the row that proves the login; an API key has none.

    `role` counts for this request: the user's, or the lower one of a key.
    """

    user_id: int
    username: str
    email: str
    role: UserRole | None
    session_id: int | None
    via: Via


def find_visitor() -> Visitor | None:
    """Whom the request's credential proves, None for nobody. One query, remembered for the request.

    A header or `?apikey=` decides alone, and raises CredentialRefused when it proves nobody. A cookie that proves
    nobody is nobody.
    """
    if "visitor" not in g:
        g.visitor = _find()
    found: Visitor | None = g.visitor
    return found


def visitor_or_nobody() -> Visitor | None:
    """`find_visitor` for the public views, which refuse nobody."""
    try:
        return find_visitor()
    except CredentialRefused:
        return None


def login_holder() -> Visitor | None:
    """Whom the login cookie proves, whatever else the request carries."""
    return _by_login(cookie.get(TOKEN_KEY))


def refuse_keys(visitor: Visitor) -> None:
    """Raises Forbidden for an API key: it must not make others, nor change what protects the account."""
    if visitor.via is Via.KEY:
        raise Forbidden("An API key may not do this: log in")


def prolonged(until: datetime) -> ColumnElement[datetime]:
    """`expires_at` of a login that is to live until then at least: it never becomes shorter."""
    return case((UserSession.expires_at < until, until), else_=UserSession.expires_at)


def _find() -> Visitor | None:
    given = presented(request.headers.get("Authorization"), request.headers.get("X-Api-Key"), request.query_string)
    if given is None:
        return _by_cookies()
    found = _by_token(given.value) if given.kind is Kind.TOKEN else _by_key(given.value)
    if found is None:
        tell_refusal(given.kind)
        raise CredentialRefused
    return found


def _by_cookies() -> Visitor | None:
    login = cookie.get(TOKEN_KEY)
    access = request.cookies.get(ACCESS_COOKIE)
    found = _by_token(access) if access else None
    return found or _by_login(login)


def _by_login(token: Any) -> Visitor | None:
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
        return None
    row = _row(UserSession.session_token == token)
    # The column compares without regard to case and accents; a token must not.
    if row is None or not hmac.compare_digest(row[1].encode(), token.encode("utf-8", "replace")):
        return None
    return _kept_alive(row, Via.COOKIE)


def _by_token(token: str) -> Visitor | None:
    try:
        claims = tokens.signer().read(token, tokens.ACCESS, now())
    except tokens.BadToken as refused:
        current_app.logger.info("a token was not read: %s", refused)
        return None
    row = _row(UserSession.id == claims.session_id)
    return _kept_alive(row, Via.TOKEN) if row is not None and row[3] == claims.user_id else None


def _by_key(key: str) -> Visitor | None:
    at = now()
    found = api_keys.find(session(), key, at)
    if found is None:
        return None
    if _is_due(found.last_used_at, at):
        _write(api_keys.used(found.key_id, at, request.remote_addr or ""))
    return Visitor(found.user_id, found.username, found.email, found.role, None, Via.KEY)


def _row(which: ColumnElement[bool]) -> Any:
    """The live login of an active user: its row, or None."""
    columns = (UserSession.id, UserSession.session_token, UserSession.last_activity)
    return (
        session()
        .query(*columns, User.id, User.username, User.email, User.role)
        .join(User, UserSession.user_id == User.id)
        .filter(which, UserSession.status == SessionStatus.ACTIVE)
        .filter(UserSession.expires_at > now(), User.is_active.is_(True))
        .first()
    )


def _kept_alive(row: Any, via: Via) -> Visitor:
    """The visitor, whose login is prolonged once a minute and not with every request."""
    at = now()
    if _is_due(row[2], at):
        change = update(UserSession).where(UserSession.id == row[0])
        _write(change.values(last_activity=at, expires_at=prolonged(at + LIFETIME)))
    return Visitor(row[3], row[4], row[5], row[6], row[0], via)


def _is_due(last: datetime | None, at: datetime) -> bool:
    return last is None or at - last >= _SLIDES_EVERY


def _write(change: Update) -> None:
    """Notes that a login or a key was used; the request goes on where that fails."""
    try:
        with writing() as current:
            current.execute(change)
    except OperationalError:
        current_app.logger.warning("the use of a login was not noted")
