"""One attempt to log in. No transaction is open while the password is compared, which takes long on purpose."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from fastapi_app.models import SessionStatus, User, UserRole, UserSession, now
from legacy_flask.access import Access, reach
from legacy_flask.cookies import LIFETIME
from legacy_flask.database import session, transaction
from legacy_flask.errors import BadField, BadRequest
from legacy_flask.fields import refuse_unstorable
from legacy_flask.passwords import DUMMY_HASH, is_old_default, verify_password

REQUIRED = "Username and password are required"
WRONG = "Invalid username or password"
SECOND_FACTOR = "This account needs a second factor, which can't be given here yet"
_LOCKS_AFTER = 5
_LOCKED_FOR = timedelta(minutes=30)
_LONGEST_NAME = 120
_LONGEST_IP = 45


class Missing(Exception):
    """The name or the password was not sent."""


class Refused(Exception):
    """The attempt failed; the text is what the visitor reads."""


@dataclass(frozen=True)
class Credentials:
    """A name or an e-mail address, and a password."""

    username: str
    password: str


@dataclass(frozen=True)
class Client:
    """Where an attempt comes from. `token` is the login that the browser had before, empty for none."""

    ip: str
    agent: str
    token: str


@dataclass(frozen=True)
class Login:
    """A login that succeeded: the new token, and the user as clients know it."""

    token: str
    user_id: int
    account: dict[str, Any]


def read_credentials(values: Any) -> Credentials:
    """From a JSON body or a form. Raises Missing, or BadRequest for what is no text."""
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    found = {name: values.get(name) or "" for name in ("username", "password")}
    for name, value in found.items():
        if not isinstance(value, str):
            raise BadField(name, "text")
        refuse_unstorable(value, name)
    if not all(found.values()):
        raise Missing
    return Credentials(found["username"], found["password"])


def log_in(given: Credentials, client: Client) -> Login:
    """A new login. Raises Refused."""
    known = _find(given.username)
    matches = verify_password(given.password, known[1] if known else DUMMY_HASH)
    if known is None:
        raise Refused(WRONG)
    user_id, password_hash, username = known
    right = matches and not is_old_default(username, given.password)
    with transaction() as current:
        user = current.query(User).filter(User.id == user_id).with_for_update().first()
        # The row may have changed while the password was compared.
        outcome: Login | str = WRONG
        if user is not None and user.password_hash == password_hash:
            outcome = _decide(current, user, client, right=right)
    if isinstance(outcome, str):
        raise Refused(outcome)
    return outcome


def account(user_id: int, username: str, email: str, role: UserRole | None) -> dict[str, Any]:
    """A user as clients know it."""
    return {
        "id": user_id,
        "username": username,
        "email": email,
        "role": role,
        "can_modify": reach(role) >= Access.MODIFY,
        "can_delete": reach(role) >= Access.MANAGE,
        "can_admin": reach(role) >= Access.ADMINISTER,
    }


def revoke(current: Session, session_id: int) -> None:
    current.execute(update(UserSession).where(UserSession.id == session_id).values(status=SessionStatus.REVOKED))


def _find(name: str) -> tuple[int, str, str] | None:
    """Id, hash and name of the user of this name, else of this address."""
    if len(name) > _LONGEST_NAME:
        return None
    by_name = User.username == name
    query = session().query(User.id, User.password_hash, User.username).filter(or_(by_name, User.email == name))
    row = query.order_by(by_name.desc()).first()
    session().rollback()
    return (row[0], row[1], row[2]) if row is not None else None


def _decide(current: Session, user: User, client: Client, *, right: bool) -> Login | str:
    at = now()
    if not user.is_active:
        return "Account is inactive"
    if user.locked_until is not None and user.locked_until > at:
        return f"Account is locked until {user.locked_until}"
    if not right:
        _count_failure(user, at)
        return WRONG
    if user.two_factor_enabled:
        return SECOND_FACTOR
    return _admit(current, user, client, at)


def _count_failure(user: User, at: datetime) -> None:
    user.failed_login_attempts = (user.failed_login_attempts or 0) + 1
    user.locked_until = None
    if user.failed_login_attempts >= _LOCKS_AFTER:
        user.failed_login_attempts, user.locked_until = 0, at + _LOCKED_FOR


def _admit(current: Session, user: User, client: Client, at: datetime) -> Login:
    user.failed_login_attempts, user.locked_until = 0, None
    user.last_login, user.last_login_ip = at, client.ip[:_LONGEST_IP]
    if client.token:
        earlier = (UserSession.session_token == client.token, UserSession.status == SessionStatus.ACTIVE)
        current.execute(update(UserSession).where(*earlier).values(status=SessionStatus.REVOKED))
    token = secrets.token_urlsafe(32)
    current.add(
        UserSession(
            user_id=user.id,
            session_token=token,
            status=SessionStatus.ACTIVE,
            ip_address=client.ip[:_LONGEST_IP],
            user_agent=client.agent,
            created_at=at,
            last_activity=at,
            expires_at=at + LIFETIME,
        )
    )
    return Login(token, user.id, account(user.id, user.username, user.email, user.role))
