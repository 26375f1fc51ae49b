"""Changes one's own password, and an administrator's name with it. Hashing happens outside of transactions."""

from dataclasses import dataclass
from typing import Any

from fastapi_app.models import User, now
from legacy_flask import attempts
from legacy_flask.attempt_rules import CODE, blocked_until, confirm_subject, seconds_until
from legacy_flask.audit import Event, Outcome, record
from legacy_flask.database import session, transaction
from legacy_flask.errors import BadField, BadRequest, Conflict, LegacyError, NotFound, TooManyRequests
from legacy_flask.fields import refuse_unstorable
from legacy_flask.names import fault as name_fault
from legacy_flask.new_password import give
from legacy_flask.password_rules import SHORTEST, fault
from legacy_flask.passwords import hash_password, is_old_default, verify_password
from legacy_flask.visitor import Visitor

REQUIRED = "Current password and new password are required"
WRONG = "Current password is incorrect"
NAME_TAKEN = "Username already exists"


@dataclass(frozen=True)
class Change:
    """The present password, and the one to come."""

    current: str
    new: str


def texts(values: Any, *names: str) -> list[str]:
    """The named members of a JSON object or a form, empty for absent ones. Raises BadRequest for what is no text."""
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    found = [values.get(name) or "" for name in names]
    for name, value in zip(names, found, strict=True):
        if not isinstance(value, str):
            raise BadField(name, "text")
        refuse_unstorable(value, name)
    return found


def read_change(values: Any) -> Change:
    """Raises BadRequest. One that is too short is told before the present one is compared, as in 0.9."""
    current, new = texts(values, "current_password", "new_password")
    if not (current and new):
        raise BadRequest(REQUIRED)
    if len(new) < SHORTEST:
        refuse_weak(new)
    return Change(current, new)


def read_credentials(values: Any) -> tuple[str, str]:
    """The name and the password to come. Raises BadRequest in the words of 0.9."""
    if not isinstance(values, dict) or not values:
        raise BadRequest("No data provided")
    name, password = texts(values, "username", "password")
    if not (name and password):
        raise BadRequest("Username and password are required")
    name = name.strip()
    wrong = name_fault(name)
    if wrong is not None:
        raise BadRequest(wrong)
    refuse_weak(password, "Password")
    return name, password


def refuse_weak(password: str, name: str = "New password") -> None:
    """Raises BadRequest for a password that the rules don't allow. `name` is what the sentence calls it."""
    wrong = fault(password)
    if wrong is not None:
        raise BadRequest(f"{name} {wrong}")


def change_own(visitor: Visitor, change: Change) -> None:
    """Sets the new password and ends the visitor's other logins. This one stays.

    Raises BadRequest, NotFound, and TooManyRequests after too many wrong passwords.
    """
    until = attempts.block(session(), confirm_subject(visitor.user_id), now())
    stored = session().query(User.password_hash).filter(User.id == visitor.user_id).scalar()
    session().rollback()
    if until is not None:
        raise TooManyRequests(seconds_until(until, now()))
    if stored is None:
        raise NotFound("User not found")
    right = verify_password(change.current, stored) and not is_old_default(visitor.username, change.current)
    if right:
        refuse_weak(change.new)
    refusal = _settle(visitor, stored, hash_password(change.new) if right else None)
    if refusal is not None:
        raise refusal


def replace_credentials(visitor: Visitor, name: str | None, password: str) -> str:
    """Gives the visitor's account the password, and the name where there is one; ends its other logins.

    Gives the name. Raises Conflict where it is somebody else's, also in the eyes of the database, which is blind to
    accents.
    """
    digest = hash_password(password)
    with transaction() as current:
        user = current.query(User).filter(User.id == visitor.user_id).with_for_update().first()
        if user is None:
            raise NotFound("User not found")
        give(current, user, digest, kept_session=visitor.session_id)
        if name is not None:
            if current.query(User.id).filter(User.username == name, User.id != user.id).first() is not None:
                raise Conflict(NAME_TAKEN)
            user.username = name
        record(current, Event.CREDENTIALS_CHANGED, user_id=user.id, username=visitor.username)
        return user.username


def _settle(visitor: Visitor, stored: str, digest: str | None) -> LegacyError | None:
    """By the rows as they are now: of many guesses at once none counts after the block."""
    at, subject = now(), confirm_subject(visitor.user_id)
    whom: dict[str, Any] = {"user_id": visitor.user_id, "username": visitor.username}
    with transaction() as current:
        user = current.query(User).filter(User.id == visitor.user_id).with_for_update().first()
        until = blocked_until(attempts.locked_count(current, subject, at), at)
        if until is not None:
            return TooManyRequests(seconds_until(until, at))
        if user is None or digest is None or user.password_hash != stored:
            attempts.count_failure(current, subject, CODE, at)
            record(current, Event.PASSWORD_CHANGE_REFUSED, outcome=Outcome.FAILURE, **whom)
            return BadRequest(WRONG)
        attempts.forget(current, [subject])
        give(current, user, digest, kept_session=visitor.session_id)
        record(current, Event.PASSWORD_CHANGED, **whom)
    return None
