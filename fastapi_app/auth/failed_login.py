"""What a login that failed leaves behind: counts, locks, and a row of the audit trail."""

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Outcome, record
from fastapi_app.auth.admission import origin
from fastapi_app.auth.attempts import block, count_failure, count_refusal, locked_count
from fastapi_app.auth.limits import ACCOUNT, address_subject, blocked_until, name_subject, refusals_subject
from fastapi_app.auth.outcome import WRONG, Client, Refusal, locked
from fastapi_app.auth.rules import after_failure
from fastapi_app.database import Database
from fastapi_app.models import User, now

_BLOCKED = "blocked"
_UNKNOWN = "unknown user"

log = structlog.get_logger(__name__)


async def count_for_name(session: AsyncSession, name: str, at: datetime) -> Refusal:
    """Counts a try at a name that nobody has. It is locked like an account, so that a lock tells nothing."""
    subject = name_subject(name)
    until = blocked_until(await locked_count(session, subject, at), at)
    await count_failure(session, subject, ACCOUNT, at)
    return Refusal(WRONG if until is None else locked(until))


def count_for_account(session: AsyncSession, user: User, client: Client, at: datetime) -> Refusal:
    """Counts a wrong password. While the account is locked, that neither counts nor prolongs the lock."""
    if user.locked_until is None or user.locked_until <= at:
        user.failed_login_attempts, user.locked_until = after_failure(user.failed_login_attempts or 0, at)
        if user.locked_until is not None:
            record(session, Event.LOCKED, origin(client), user_id=user.id, username=user.username)
    return Refusal(WRONG)


async def tell(session: AsyncSession, client: Client, user: User | None, reason: str = _UNKNOWN) -> None:
    """Adds the refusal to the audit trail, where it is this address's turn.

    A typed name is told only where it is a user's: people type passwords into the wrong field.
    """
    log.warning("login refused", user_id=user.id if user else None)
    refusals = await count_refusal(session, address_subject(client.ip), now())
    if refusals is None:
        return
    record(
        session,
        Event.LOGIN_REFUSED,
        origin(client),
        outcome=Outcome.FAILURE,
        user_id=user.id if user else None,
        username=user.username if user else "",
        reason=reason,
        refusals=refusals,
    )


async def tell_blocked(database: Database, client: Client) -> None:
    """The same for an attempt that was not even compared.

    While the audit trail is silent about this address nothing is written, so that a flood costs one question each.
    """
    async with database.reading() as session:
        silent_until = await block(session, refusals_subject(address_subject(client.ip)), now())
    if silent_until is None:
        async with database.writing() as session:
            await tell(session, client, None, _BLOCKED)
