"""Checks the second factor of a pending login, and opens the login. One transaction, the account's row locked."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.models import User, now
from legacy_flask.admission import admit
from legacy_flask.attempt_rules import CODE, blocked_until, code_subject
from legacy_flask.attempts import count_failure, locked_count
from legacy_flask.audit import Event, record
from legacy_flask.audit import Outcome as Ending
from legacy_flask.login_outcome import Client, Outcome, Refusal, Wait
from legacy_flask.pending import PendingLogin, proof_of
from legacy_flask.second_factor_rules import matching_code, matching_step, stored_codes

WRONG_CODE = "Invalid verification code"


class PendingLoginEnded(Exception):
    """The account changed since the password was right: the login begins again."""


def verify(session: Session, pending: PendingLogin, code: str, client: Client) -> Outcome:
    """The login that `code` completes, or why not. Raises PendingLoginEnded.

    A wait ends the pending login: it has no longer to live than the wait lasts.
    """
    at = now()
    subject = code_subject(pending.user_id)
    until = blocked_until(locked_count(session, subject, at), at)
    if until is not None:
        return Wait(until)
    user = session.scalar(select(User).where(User.id == pending.user_id).with_for_update())
    if user is None or not still_pending(user, pending):
        raise PendingLoginEnded
    if use_code(session, user, code, at):
        return admit(session, user, client, factors=2)
    count = count_failure(session, subject, CODE, at)
    _tell_refused(session, user)
    return Refusal(WRONG_CODE) if count.blocked_until is None else Wait(count.blocked_until)


def still_pending(user: User, pending: PendingLogin) -> bool:
    """Whether the password that was right still is, and a second factor is still asked."""
    return user.is_active and user.two_factor_enabled and proof_of(user.password_hash) == pending.proof


def use_code(session: Session, user: User, code: str, at: datetime) -> bool:
    """Whether `code` is right; then it is used up. The caller has locked the row of `user`."""
    step = matching_step(user.two_factor_secret or "", code, at, user.two_factor_last_step)
    if step is not None:
        user.two_factor_last_step = step
        return True
    stored = stored_codes(user.backup_codes)
    place = matching_code(code, stored)
    if place is None:
        return False
    user.backup_codes = stored[:place] + stored[place + 1 :]
    left = len(stored) - 1
    record(session, Event.BACKUP_CODE_USED, user_id=user.id, username=user.username, left=left)
    return True


def _tell_refused(session: Session, user: User) -> None:
    record(
        session,
        Event.SECOND_FACTOR_REFUSED,
        outcome=Ending.FAILURE,
        user_id=user.id,
        username=user.username,
    )
