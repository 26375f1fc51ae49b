"""Setting the second factor up, renewing its backup codes, switching it off. Each change is recorded with its row."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Outcome, record
from fastapi_app.auth import attempts, limits
from fastapi_app.auth.requirement import refuse_keys
from fastapi_app.auth.second_factor.rules import (
    matching_step,
    new_backup_codes,
    new_secret,
    provisioning_uri,
    stored_codes,
)
from fastapi_app.errors import AppError, BadRequest, NotFound, TooManyRequests
from fastapi_app.models import User, now
from fastapi_app.users.changes import Acting
from fastapi_app.users.confirming import WRONG_CODE
from fastapi_app.users.queries import locked_user
from fastapi_app.users.rules import NOT_FOUND

ALREADY = "2FA is already enabled"
NOT_PREPARED = "No 2FA setup is pending"
NOT_ENABLED = "2FA is not enabled"


@dataclass(frozen=True)
class Preparation:
    """What the owner of an account sees once: a new secret, its address for the authenticator, the backup codes."""

    secret: str
    uri: str
    backup_codes: list[str]


def state(user: Any) -> dict[str, Any]:
    """A row of `users` as the status tells it."""
    enabled, configured = bool(user.two_factor_enabled), bool(user.two_factor_secret)
    return {
        "enabled": enabled,
        "secret_configured": configured,
        "backup_codes_count": len(stored_codes(user.backup_codes)),
        "setup_pending": configured and not enabled,
    }


async def prepare(session: AsyncSession, who: Acting, user_id: int) -> Preparation:
    """A new secret, which counts once a code has proved that an authenticator knows it. Raises BadRequest."""
    user = await _locked(session, user_id)
    if user.two_factor_enabled:
        raise BadRequest(ALREADY)
    secret = new_secret()
    plain, user.backup_codes = new_backup_codes()
    user.two_factor_secret, user.two_factor_last_step = secret, None
    _note(session, Event.SECOND_FACTOR_PREPARED, who, user)
    return Preparation(secret, provisioning_uri(secret, user.username), plain)


async def enable(session: AsyncSession, who: Acting, user_id: int, code: str) -> AppError | None:
    """Switches the pending second factor on, or tells why not; a wrong code is counted with the same commit."""
    at, counted = now(), limits.confirm_subject(user_id)
    user = await _locked(session, user_id)
    if user.two_factor_enabled or not user.two_factor_secret:
        return BadRequest(ALREADY if user.two_factor_enabled else NOT_PREPARED)
    until = limits.blocked_until(await attempts.locked_count(session, counted, at), at)
    if until is not None:
        return TooManyRequests(limits.seconds_until(until, at))
    step = matching_step(user.two_factor_secret, code, at, None)
    if step is None:
        await attempts.count_failure(session, counted, limits.CODE, at)
        _note(session, Event.SECOND_FACTOR_REFUSED, who, user, outcome=Outcome.FAILURE)
        return BadRequest(WRONG_CODE)
    user.two_factor_enabled, user.two_factor_last_step = True, step
    await attempts.forget(session, [counted])
    _note(session, Event.SECOND_FACTOR_ENABLED, who, user)
    return None


async def disable(session: AsyncSession, who: Acting, user_id: int) -> User:
    """Forgets the secret and the codes. Raises NotFound, BadRequest, Forbidden for an API key."""
    refuse_keys(who.visitor)
    user = await _locked(session, user_id)
    if not user.two_factor_enabled:
        raise BadRequest(NOT_ENABLED)
    user.two_factor_enabled = False
    user.two_factor_secret = user.two_factor_last_step = user.backup_codes = None
    _note(session, Event.SECOND_FACTOR_DISABLED, who, user)
    return user


async def renew_codes(session: AsyncSession, who: Acting, user_id: int) -> list[str]:
    """New backup codes; the old ones count no more. Raises NotFound, BadRequest, Forbidden for an API key."""
    refuse_keys(who.visitor)
    user = await _locked(session, user_id)
    if not user.two_factor_enabled:
        raise BadRequest(NOT_ENABLED)
    plain, user.backup_codes = new_backup_codes()
    _note(session, Event.BACKUP_CODES_RENEWED, who, user)
    return plain


async def _locked(session: AsyncSession, user_id: int) -> User:
    user = await locked_user(session, user_id)
    if user is None:
        raise NotFound(NOT_FOUND)
    return user


def _note(session: AsyncSession, event: Event, who: Acting, user: User, outcome: Outcome = Outcome.SUCCESS) -> None:
    actor = who.visitor
    record(
        session,
        event,
        who.origin,
        outcome=outcome,
        user_id=actor.user_id,
        username=actor.username,
        subject=user.username,
        target_id=user.id,
    )
