"""One-time reset codes: an administrator makes one, the user types it. The database keeps its hash alone."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.models import User, now
from legacy_flask.attempt_rules import RESET, blocked_until, reset_subject
from legacy_flask.attempts import count_failure, count_refusal, locked_count
from legacy_flask.audit import Event, Outcome, record
from legacy_flask.new_password import give, lift_locks

LIFETIME = timedelta(hours=1)
INVALID = "The reset code is not valid, or it is too old"


@dataclass(frozen=True)
class ResetCode:
    """A code as the administrator hands it on."""

    code: str
    username: str
    expires_at: datetime


def make(user: User) -> ResetCode:
    """A new code for `user`, whose row is locked. An earlier one is void."""
    code, expires_at = secrets.token_urlsafe(32), now() + LIFETIME
    user.password_reset_token, user.password_reset_expires = hashed(code), expires_at
    return ResetCode(code, user.username, expires_at)


def block(session: Session, ip: str) -> datetime | None:
    """Until when this address may try no code."""
    return blocked_until(locked_count(session, reset_subject(ip), now()), now())


def owner(session: Session, code: str, at: datetime) -> User | None:
    """The user whose code this is, their row locked.

    Found first and locked then: a search without an index would lock the rows of everybody.
    """
    wanted = hashed(code)
    found = session.scalar(select(User.id).where(User.password_reset_token == wanted))
    user = session.get(User, found, with_for_update=True, populate_existing=True) if found is not None else None
    if user is None or not hmac.compare_digest((user.password_reset_token or "").encode(), wanted.encode()):
        return None
    expires_at = user.password_reset_expires
    return user if expires_at is not None and expires_at > at else None


def use(session: Session, user: User, digest: str) -> None:
    """Sets the password and ends every login. The code is used up."""
    give(session, user, digest)
    lift_locks(session, user)
    record(session, Event.PASSWORD_RESET, user_id=user.id, username=user.username)


def refuse(session: Session, ip: str) -> None:
    """Counts a wrong code."""
    subject = reset_subject(ip)
    count_failure(session, subject, RESET, now())
    refusals = count_refusal(session, subject, now())
    if refusals is not None:
        record(session, Event.PASSWORD_CHANGE_REFUSED, outcome=Outcome.FAILURE, refusals=refusals)


def hashed(code: str) -> str:
    """SHA-256 in hex: a code has 256 random bits, so nobody guesses it from a fast hash."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
