"""What a login that failed leaves behind: counts, locks, and a row of the audit trail."""

from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from fastapi_app.models import User, now
from legacy_flask.attempt_rules import ACCOUNT, address_subject, blocked_until, name_subject, refusals_subject
from legacy_flask.attempts import block, count_failure, count_refusal, locked_count
from legacy_flask.audit import Event, Outcome, record
from legacy_flask.database import session as current_session
from legacy_flask.database import transaction
from legacy_flask.login_outcome import WRONG, Client, Refusal, locked

_BLOCKED = "blocked"
_UNKNOWN = "unknown user"


def count_for_name(session: Session, name: str, at: datetime) -> Refusal:
    """Counts a try at a name that nobody has. It is locked like an account, so that a lock tells nothing."""
    subject = name_subject(name)
    until = blocked_until(locked_count(session, subject, at), at)
    count_failure(session, subject, ACCOUNT, at)
    return Refusal(WRONG if until is None else locked(until))


def count_for_account(session: Session, user: User, at: datetime) -> Refusal:
    """Counts a wrong password. While the account is locked, that neither counts nor prolongs the lock."""
    if user.locked_until is None or user.locked_until <= at:
        user.failed_login_attempts, user.locked_until = (user.failed_login_attempts or 0) + 1, None
        if user.failed_login_attempts >= ACCOUNT.failures:
            user.failed_login_attempts, user.locked_until = 0, at + ACCOUNT.blocked_for
            record(session, Event.LOCKED, user_id=user.id, username=user.username)
    return Refusal(WRONG)


def tell(session: Session, client: Client, user: User | None, reason: str = _UNKNOWN) -> None:
    """Adds the refusal to the audit trail, where it is this address's turn.

    A typed name is told only where it is a user's: people type passwords into the wrong field.
    """
    current_app.logger.warning("login refused: %s", reason)
    refusals = count_refusal(session, address_subject(client.ip), now())
    if refusals is None:
        return
    record(
        session,
        Event.LOGIN_REFUSED,
        outcome=Outcome.FAILURE,
        user_id=user.id if user else None,
        username=user.username if user else "",
        reason=reason,
        refusals=refusals,
    )


def tell_blocked(client: Client) -> None:
    """The same for an attempt that was not even compared.

    While the audit trail is silent about this address nothing is written, so that a flood costs one question each.
    """
    silent_until = block(current_session(), refusals_subject(address_subject(client.ip)), now())
    current_session().rollback()
    if silent_until is None:
        with transaction() as current:
            tell(current, client, None, _BLOCKED)
