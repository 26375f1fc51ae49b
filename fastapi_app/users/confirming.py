"""Who changes what guards their account proves once more that they are its owner: by the password, or by a code.

A browser left open must not be enough. Failures are counted, so that nobody guesses here instead of at the login.
"""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Outcome, record
from fastapi_app.auth import attempts, limits
from fastapi_app.auth.passwords import is_old_default
from fastapi_app.auth.second_factor.rules import matching_step
from fastapi_app.errors import AppError, BadRequest, NotFound, TooManyRequests
from fastapi_app.models import User, now
from fastapi_app.users.changes import Acting
from fastapi_app.users.queries import locked_user
from fastapi_app.users.rules import NOT_FOUND

WRONG_PASSWORD = "The password is wrong"  # noqa: S105 - a sentence
WRONG_CODE = "Invalid verification code"
MISSING = "Password or verification code is required"


@dataclass(frozen=True)
class Proof:
    """What was typed: a password, else a code of the second factor."""

    password: str = ""
    code: str = ""


async def confirm(request: Request, session: AsyncSession, who: Acting, user_id: int, proof: Proof) -> None:
    """Lets the owner pass. `session`, in which the login was looked up, ends: hashing takes long.

    Raises BadRequest for a wrong or a missing proof, TooManyRequests after too many of them, NotFound.
    """
    if not (proof.password or proof.code):
        raise BadRequest(MISSING)
    await session.rollback()
    async with request.state.database.reading() as reader:
        refuse_blocked(await attempts.block(reader, limits.confirm_subject(user_id), now()))
        stored = await reader.scalar(select(User.password_hash).where(User.id == user_id))
    if stored is None:
        raise NotFound(NOT_FOUND)
    proves = proof.password and not is_old_default(who.visitor.username, proof.password)
    proven_hash = stored if proves and await request.state.hashing.verify(proof.password, stored) else None
    async with request.state.database.writing() as writer:
        refusal = await _settle(writer, who, user_id, proof, proven_hash)
    if refusal is not None:
        raise refusal


def refuse_blocked(until: datetime | None) -> None:
    """Raises TooManyRequests while a block lasts."""
    if until is not None:
        raise TooManyRequests(limits.seconds_until(until, now()))


async def _settle(
    session: AsyncSession, who: Acting, user_id: int, proof: Proof, proven_hash: str | None
) -> AppError | None:
    """Counts the attempt by the rows as they are now: of many at once none counts after the block."""
    at, counted = now(), limits.confirm_subject(user_id)
    user = await locked_user(session, user_id)
    until = limits.blocked_until(await attempts.locked_count(session, counted, at), at)
    if until is not None:
        return TooManyRequests(limits.seconds_until(until, at))
    step = _step(user, proof.code, at) if user and not proof.password else None
    if user is None or not (step is not None or user.password_hash == proven_hash):
        await attempts.count_failure(session, counted, limits.CODE, at)
        name = who.visitor.username
        record(session, Event.ACCESS_DENIED, who.origin, outcome=Outcome.FAILURE, user_id=user_id, username=name)
        return BadRequest(WRONG_PASSWORD if proof.password else WRONG_CODE)
    if step is not None:
        user.two_factor_last_step = step
    await attempts.forget(session, [counted])
    return None


def _step(user: User, code: str, at: datetime) -> int | None:
    if not (user.two_factor_enabled and user.two_factor_secret):
        return None
    return matching_step(user.two_factor_secret, code, at, user.two_factor_last_step)
