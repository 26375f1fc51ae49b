"""Whoever changes what guards their account proves once more that it is theirs: by the password, or by a code."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from fastapi_app.models import User, now
from legacy_flask import attempt_rules, attempts, user_rows
from legacy_flask.audit import Event, Outcome, record
from legacy_flask.database import session as request_session
from legacy_flask.database import transaction
from legacy_flask.errors import BadRequest, LegacyError, NotFound, TooManyRequests
from legacy_flask.passwords import is_old_default, verify_password
from legacy_flask.second_factor_rules import matching_step
from legacy_flask.user_rules import NOT_FOUND
from legacy_flask.visitor import Visitor

WRONG_PASSWORD = "The password is wrong"  # noqa: S105  a sentence
WRONG_CODE = "Invalid verification code"


@dataclass(frozen=True)
class Proof:
    """What was typed: a password, else a code of the second factor."""

    password: str = ""
    code: str = ""


def confirm(who: Visitor, proof: Proof) -> None:
    """Lets the owner pass. No transaction is open while the password is compared.

    Raises BadRequest for a wrong or a missing proof, TooManyRequests after too many of them, NotFound.
    """
    if not (proof.password or proof.code):
        raise BadRequest("Password or verification code is required")
    current = request_session()
    until = attempts.block(current, attempt_rules.confirm_subject(who.user_id), now())
    row = current.query(User.password_hash).filter(User.id == who.user_id).first()
    current.rollback()
    if until is not None:
        raise refusal_until(until, now())
    if row is None:
        raise NotFound(NOT_FOUND)
    proves = proof.password and not is_old_default(who.username, proof.password)
    proven_hash = row[0] if proves and verify_password(proof.password, row[0]) else None
    with transaction() as opened:
        refusal = _settle(opened, who, proof, proven_hash)
    if refusal is not None:
        raise refusal


def refusal_until(until: datetime, at: datetime) -> TooManyRequests:
    return TooManyRequests(attempt_rules.seconds_until(until, at))


def _settle(session: Session, who: Visitor, proof: Proof, proven_hash: str | None) -> LegacyError | None:
    """Counts the attempt by the rows as they are now: of many at once none counts after the block."""
    at, counted = now(), attempt_rules.confirm_subject(who.user_id)
    user = user_rows.locked(session, who.user_id)
    until = attempt_rules.blocked_until(attempts.locked_count(session, counted, at), at)
    if until is not None:
        return refusal_until(until, at)
    step = _step(user, proof.code, at) if user is not None and not proof.password else None
    if user is None or not (step is not None or user.password_hash == proven_hash):
        attempts.count_failure(session, counted, attempt_rules.CODE, at)
        failure = Outcome.FAILURE
        record(session, Event.ACCESS_DENIED, outcome=failure, user_id=who.user_id, username=who.username)
        return BadRequest(WRONG_PASSWORD if proof.password else WRONG_CODE)
    if step is not None:
        user.two_factor_last_step = step
    attempts.forget(session, [counted])
    return None


def _step(user: User, code: str, at: datetime) -> int | None:
    if not (user.two_factor_enabled and user.two_factor_secret):
        return None
    return matching_step(user.two_factor_secret, code, at, user.two_factor_last_step)
