"""One attempt to log in: look, compare, then decide in a transaction of its own.

No transaction is open while the password is compared, which takes long on purpose. Every attempt compares once,
whether or not there is such an account, it is locked, or its hash is an old one. The rows that count are locked in
one order: the address, the account, the name.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from fastapi_app.models import SessionStatus, User, UserRole, UserSession, now
from legacy_flask import single_account
from legacy_flask.access import Access, reach
from legacy_flask.admission import admit, end_earlier
from legacy_flask.attempt_rules import blocked_until
from legacy_flask.attempts import count_failure, locked_count
from legacy_flask.database import session, transaction
from legacy_flask.errors import BadField, BadRequest
from legacy_flask.failed_login import count_for_account, count_for_name, tell, tell_blocked
from legacy_flask.fields import refuse_unstorable
from legacy_flask.login_outcome import INACTIVE, WRONG, Client, Outcome, Pending, Refusal, Wait, locked
from legacy_flask.passwords import PasswordTooLong, hash_password, is_old_default, is_unsalted, verify_password
from legacy_flask.pending import proof_of
from legacy_flask.standing import Standing, look

REQUIRED = "Username and password are required"


class Missing(Exception):
    """The name or the password was not sent."""


@dataclass(frozen=True)
class Credentials:
    """A name or an e-mail address, and a password."""

    username: str
    password: str


@dataclass(frozen=True)
class Proof:
    """What comparing showed. `digest` is the hash that replaces an old one, None where none is replaced."""

    own: bool
    single: bool
    digest: str | None


def read_credentials(values: Any) -> Credentials:
    """From a JSON body or a form. Raises Missing, or BadRequest for what is no text."""
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    found = {name: values.get(name) or "" for name in ("username", "password")}
    for name, value in found.items():
        if not isinstance(value, str):
            raise BadField(name, "text")
        refuse_unstorable(value, name)
    if not all(found.values()):
        raise Missing
    return Credentials(found["username"], found["password"])


def log_in(given: Credentials, client: Client) -> Outcome:
    """A new login, or why not."""
    standing = look(session(), given.username, client.ip, now())
    session().expunge_all()
    session().rollback()
    if standing.blocked_until is not None:
        tell_blocked(client)
        return Wait(standing.blocked_until)
    proof = _compare(given, standing)
    with transaction() as current:
        return _decide(current, given, client, standing, proof)


def account(user_id: int, username: str, email: str, role: UserRole | None) -> dict[str, Any]:
    """A user as clients know it."""
    return {
        "id": user_id,
        "username": username,
        "email": email,
        "role": role,
        "can_modify": reach(role) >= Access.MODIFY,
        "can_delete": reach(role) >= Access.MANAGE,
        "can_admin": reach(role) >= Access.ADMINISTER,
    }


def revoke(current: Session, session_id: int) -> None:
    current.execute(update(UserSession).where(UserSession.id == session_id).values(status=SessionStatus.REVOKED))


def _compare(given: Credentials, standing: Standing) -> Proof:
    known = standing.user
    matches = verify_password(given.password, standing.stored)
    own = matches and known is not None and not is_old_default(known.username, given.password)
    single = standing.single is not None and standing.single.proves(given.password)
    is_old = own and known is not None and is_unsalted(known.password_hash)
    try:
        digest = hash_password(given.password) if single or is_old else None
    except PasswordTooLong:
        return Proof(own, single=False, digest=None)
    return Proof(own, single, digest)


def _decide(current: Session, given: Credentials, client: Client, standing: Standing, proof: Proof) -> Outcome:
    """The outcome, by the rows as they are now: several attempts at once count one after the other."""
    at = now()
    until = blocked_until(locked_count(current, standing.subject, at), at)
    if until is not None:
        return Wait(until)
    user = _same_row(current, standing)
    outcome: Outcome
    if user is not None and user.locked_until is not None and user.locked_until > at and not standing.at_home:
        outcome = Refusal(locked(user.locked_until))
    elif (proof.own or proof.single) and (user is not None or standing.user is None):
        outcome = _welcome(current, user, client, standing, proof)
    else:
        outcome = _failed(current, given, standing, user, at)
    if isinstance(outcome, Refusal):
        count_failure(current, standing.subject, standing.limit, at)
        tell(current, client, user, outcome.reason)
    return outcome


def _failed(current: Session, given: Credentials, standing: Standing, user: User | None, at: datetime) -> Refusal:
    if standing.user is None:
        return count_for_name(current, given.username, at)
    return count_for_account(current, user, at) if user is not None else Refusal(WRONG)


def _same_row(current: Session, standing: Standing) -> User | None:
    """The account's row, locked; None when there is none, or its password changed while it was compared."""
    known = standing.user
    if known is None:
        return None
    user: User | None = current.query(User).filter(User.id == known.id).with_for_update().first()
    return user if user is not None and user.password_hash == known.password_hash else None


def _welcome(current: Session, user: User | None, client: Client, standing: Standing, proof: Proof) -> Outcome:
    if user is not None and not user.is_active:
        return Refusal(INACTIVE)
    if proof.digest is not None:
        user = _replaced(current, user, standing, proof, proof.digest)
    if user is None:
        return Refusal(WRONG)
    if user.two_factor_enabled:
        end_earlier(current, client)
        return Pending(user.id, proof_of(user.password_hash))
    return admit(current, user, client)


def _replaced(current: Session, user: User | None, standing: Standing, proof: Proof, digest: str) -> User | None:
    """The account with its old hash replaced by `digest`."""
    if proof.single and not proof.own and standing.single is not None:
        return single_account.move(current, standing.single, user, digest)
    if user is not None:
        user.password_hash = digest
    return user
