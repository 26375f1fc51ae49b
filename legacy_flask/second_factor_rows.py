"""Setting the second factor up, renewing its backup codes, switching it off. Each change is recorded with its row."""

from dataclasses import dataclass
from typing import Any

import segno
from sqlalchemy.orm import Session

from fastapi_app.models import User, now
from legacy_flask import attempt_rules, attempts, user_rows
from legacy_flask.audit import Event, Outcome, record
from legacy_flask.confirming import WRONG_CODE, refusal_until
from legacy_flask.errors import BadRequest, LegacyError, NotFound
from legacy_flask.second_factor_rules import (
    matching_step,
    new_backup_codes,
    new_secret,
    provisioning_uri,
    stored_codes,
)
from legacy_flask.user_rules import NOT_FOUND
from legacy_flask.visitor import Visitor, refuse_keys

_NOT_ENABLED = "2FA is not enabled"
_ALREADY = "2FA is already enabled"


@dataclass(frozen=True)
class Preparation:
    """What the owner of an account sees once."""

    secret: str
    qr_code: str
    backup_codes: list[str]


def state(user: User) -> dict[str, Any]:
    """A user's second factor as the status tells it."""
    return {
        "enabled": bool(user.two_factor_enabled),
        "secret_configured": bool(user.two_factor_secret),
        "backup_codes_count": len(stored_codes(user.backup_codes)),
        "setup_pending": bool(user.two_factor_secret) and not user.two_factor_enabled,
    }


def prepare(session: Session, who: Visitor) -> Preparation:
    """A new secret, which counts once a code has proved that an authenticator knows it. Raises BadRequest."""
    user = _locked(session, who.user_id)
    if user.two_factor_enabled:
        raise BadRequest(_ALREADY)
    secret = new_secret()
    plain, user.backup_codes = new_backup_codes()
    user.two_factor_secret, user.two_factor_last_step = secret, None
    _note(session, Event.SECOND_FACTOR_PREPARED, who, user)
    picture = segno.make(provisioning_uri(secret, user.username), error="m").png_data_uri(scale=6, border=4)
    return Preparation(secret, str(picture), plain)


def enable(session: Session, who: Visitor, code: str) -> LegacyError | None:
    """Switches the pending second factor on, or tells why not; a wrong code is counted with the same commit."""
    at, counted = now(), attempt_rules.confirm_subject(who.user_id)
    user = _locked(session, who.user_id)
    if user.two_factor_enabled or not user.two_factor_secret:
        return BadRequest(_ALREADY if user.two_factor_enabled else "No 2FA setup is pending")
    until = attempt_rules.blocked_until(attempts.locked_count(session, counted, at), at)
    if until is not None:
        return refusal_until(until, at)
    step = matching_step(user.two_factor_secret, code, at, None)
    if step is None:
        attempts.count_failure(session, counted, attempt_rules.CODE, at)
        _note(session, Event.SECOND_FACTOR_REFUSED, who, user, Outcome.FAILURE)
        return BadRequest(WRONG_CODE)
    user.two_factor_enabled, user.two_factor_last_step = True, step
    attempts.forget(session, [counted])
    _note(session, Event.SECOND_FACTOR_ENABLED, who, user)
    return None


def disable(session: Session, who: Visitor, user_id: int) -> User:
    """Forgets the secret and the codes. Raises NotFound, BadRequest, Forbidden for an API key."""
    refuse_keys(who)
    user = _enabled(session, user_id)
    user.two_factor_enabled = False
    user.two_factor_secret = user.two_factor_last_step = user.backup_codes = None
    _note(session, Event.SECOND_FACTOR_DISABLED, who, user)
    return user


def renew_codes(session: Session, who: Visitor, user_id: int) -> list[str]:
    """New backup codes; the old ones count no more. Raises NotFound, BadRequest, Forbidden for an API key."""
    refuse_keys(who)
    user = _enabled(session, user_id)
    plain, user.backup_codes = new_backup_codes()
    _note(session, Event.BACKUP_CODES_RENEWED, who, user)
    return plain


def _enabled(session: Session, user_id: int) -> User:
    user = _locked(session, user_id)
    if not user.two_factor_enabled:
        raise BadRequest(_NOT_ENABLED)
    return user


def _locked(session: Session, user_id: int) -> User:
    user = user_rows.locked(session, user_id)
    if user is None:
        raise NotFound(NOT_FOUND)
    return user


def _note(session: Session, event: Event, who: Visitor, user: User, outcome: Outcome = Outcome.SUCCESS) -> None:
    by, name = who.user_id, who.username
    record(session, event, outcome=outcome, user_id=by, username=name, subject=user.username, target_id=user.id)
