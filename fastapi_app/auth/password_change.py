"""Changes one's own password: the present one is compared beside the event loop, with no transaction open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import fields
from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Origin, Outcome, record
from fastapi_app.auth import attempts
from fastapi_app.auth.hashing import Hashing
from fastapi_app.auth.limits import CODE, blocked_until, confirm_subject, seconds_until
from fastapi_app.auth.new_password import give
from fastapi_app.auth.password_rules import SHORTEST, fault
from fastapi_app.auth.passwords import is_old_default
from fastapi_app.auth.visitor import Visitor
from fastapi_app.database import Database
from fastapi_app.errors import AppError, BadField, BadRequest, NotFound, TooManyRequests
from fastapi_app.models import User, now

REQUIRED = "Current password and new password are required"
WRONG = "Current password is incorrect"


@dataclass(frozen=True)
class Change:
    """The present password, and the one to come."""

    current: str
    new: str


def read_change(values: Any) -> Change:
    """Of a JSON body or a form. Raises BadRequest.

    A password that is too short is told before the present one is compared, as in 0.9.
    """
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    found = {name: values.get(name) or "" for name in ("current_password", "new_password")}
    for name, value in found.items():
        if not isinstance(value, str):
            raise BadField(name, "text")
        fields.plain(value, name)
    if not all(found.values()):
        raise BadRequest(REQUIRED)
    if len(found["new_password"]) < SHORTEST:
        refuse_weak(found["new_password"])
    return Change(found["current_password"], found["new_password"])


def refuse_weak(password: str, name: str = "New password") -> None:
    """Raises BadRequest for a password that the rules don't allow. `name` is what the sentence calls it."""
    wrong = fault(password)
    if wrong is not None:
        raise BadRequest(f"{name} {wrong}")


async def change_own(database: Database, hashing: Hashing, visitor: Visitor, change: Change, origin: Origin) -> None:
    """Sets the new password and ends the visitor's other logins. This one stays.

    Raises BadRequest, NotFound, and TooManyRequests after too many wrong passwords.
    """
    user_id = visitor.user_id or 0
    async with database.reading() as session:
        _refuse_blocked(await attempts.block(session, confirm_subject(user_id), now()))
        stored = await session.scalar(select(User.password_hash).where(User.id == user_id))
    if stored is None:
        raise NotFound("User not found")
    right = await hashing.verify(change.current, stored) and not is_old_default(visitor.username, change.current)
    if right:
        refuse_weak(change.new)
    digest = await hashing.make(change.new) if right else None
    async with database.writing() as session:
        refusal = await _settle(session, visitor, stored, digest, origin)
    if refusal is not None:
        raise refusal


async def _settle(
    session: AsyncSession, visitor: Visitor, stored: str, digest: str | None, origin: Origin
) -> AppError | None:
    """By the rows as they are now: of many guesses at once none counts after the block."""
    at, user_id = now(), visitor.user_id or 0
    subject = confirm_subject(user_id)
    user = await session.scalar(select(User).where(User.id == user_id).with_for_update())
    until = blocked_until(await attempts.locked_count(session, subject, at), at)
    if until is not None:
        return TooManyRequests(seconds_until(until, at))
    name = visitor.username
    if user is None or digest is None or user.password_hash != stored:
        await attempts.count_failure(session, subject, CODE, at)
        record(session, Event.PASSWORD_CHANGE_REFUSED, origin, outcome=Outcome.FAILURE, user_id=user_id, username=name)
        return BadRequest(WRONG)
    await attempts.forget(session, [subject])
    await give(session, user, digest, kept_session=visitor.session_id)
    record(session, Event.PASSWORD_CHANGED, origin, user_id=user_id, username=name)
    return None


def _refuse_blocked(until: datetime | None) -> None:
    if until is not None:
        raise TooManyRequests(seconds_until(until, now()))
