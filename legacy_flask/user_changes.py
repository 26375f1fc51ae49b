"""What administrators do to accounts: each change decided by locked rows, and recorded with them."""

from typing import Any

from sqlalchemy.orm import Session

from fastapi_app.models import User, UserRole, now
from legacy_flask import password_reset, user_rows, user_rules
from legacy_flask.audit import Event, record
from legacy_flask.errors import BadRequest, Conflict, Forbidden, NotFound
from legacy_flask.new_password import lift_locks
from legacy_flask.visitor import Visitor, refuse_keys


def create(session: Session, who: Visitor, new: user_rules.NewAccount, password_hash: str) -> User:
    """Raises Conflict where the name or the address is taken; two at once meet in the unique index."""
    by_name, by_email = user_rows.taken(session, new.username, new.email)
    if by_name or by_email:
        raise Conflict(user_rules.NAME_TAKEN if by_name else user_rules.EMAIL_TAKEN)
    user = User(username=new.username, email=new.email, password_hash=password_hash, role=new.role)
    session.add(user)
    session.flush()
    note(session, Event.USER_CREATED, who, user, role=new.role.value)
    return user


def change_role(session: Session, who: Visitor, user_id: int, role: UserRole) -> None:
    """The new role counts with the next request. Raises NotFound, Forbidden, Conflict."""
    target, others = _locked(session, who, user_id)
    before = target.role
    if before is role:
        return
    administers = before is UserRole.ADMIN and target.is_active
    user_rules.refuse_loss(who.user_id, target.id, others if administers else 1, refusal=user_rules.OWN_ROLE)
    target.role = role
    note(session, Event.USER_ROLE_CHANGED, who, target, before=before and before.value, after=role.value)


def deactivate(session: Session, who: Visitor, user_id: int) -> None:
    """Ends the logins, tokens and keys of the account too. Raises NotFound, BadRequest, Forbidden, Conflict."""
    target, others = _locked(session, who, user_id)
    if not target.is_active:
        raise BadRequest("User is already inactive")
    administers = target.role is UserRole.ADMIN
    user_rules.refuse_loss(who.user_id, target.id, others if administers else 1, refusal=user_rules.OWN_ACCOUNT)
    target.is_active = False
    logins = user_rows.revoke_logins(session, target.id)
    keys = user_rows.revoke_keys(session, target.id)
    note(session, Event.USER_DEACTIVATED, who, target, logins_ended=logins, keys_revoked=keys)


def activate(session: Session, who: Visitor, user_id: int) -> None:
    """Lifts a lock as well. Raises NotFound, BadRequest, Forbidden."""
    target, _ = _locked(session, who, user_id)
    if target.is_active:
        raise BadRequest("User is already active")
    target.is_active = True
    lift_locks(session, target)
    note(session, Event.USER_ACTIVATED, who, target)


def toggle(session: Session, who: Visitor, user_id: int) -> bool:
    """Switches an account off, or on. Gives whether it is on now."""
    target, _ = _locked(session, who, user_id)
    was_active = target.is_active
    (deactivate if was_active else activate)(session, who, user_id)
    return not was_active


def unlock(session: Session, who: Visitor, user_id: int) -> None:
    """Raises NotFound, BadRequest, Forbidden."""
    target, _ = _locked(session, who, user_id)
    if not user_rules.is_locked(target, now()):
        raise BadRequest("User is not locked")
    lift_locks(session, target)
    note(session, Event.USER_UNLOCKED, who, target)


def make_reset_code(session: Session, who: Visitor, user_id: int) -> str:
    """A one-time code with which the owner of the account sets a new password. Raises NotFound, Forbidden."""
    refuse_keys(who)
    target, _ = _locked(session, who, user_id)
    made = password_reset.make(target)
    note(session, Event.PASSWORD_RESET_ASKED, who, target)
    return made.code


def revoke_login(session: Session, who: Visitor, user_id: int, session_id: int) -> None:
    """Raises NotFound."""
    if not user_rows.revoke_login(session, user_id, session_id):
        raise NotFound(user_rules.SESSION_NOT_FOUND)
    _record(session, Event.SESSION_REVOKED, who, f"session {session_id}", owner_id=user_id)


def revoke_logins(session: Session, who: Visitor, user_id: int, kept_id: int | None = None) -> None:
    """All logins of an account, or all but the kept one. Raises NotFound."""
    target = user_rows.one(session, user_id)
    if target is None:
        raise NotFound(user_rules.NOT_FOUND)
    ended = user_rows.revoke_logins(session, user_id, kept_id)
    _record(session, Event.ALL_SESSIONS_REVOKED, who, target.username, owner_id=user_id, ended=ended)


def change_email(session: Session, who: Visitor, email: str) -> None:
    """A new address of one's own counts as not verified. Raises NotFound, Conflict where somebody else has it."""
    user = user_rows.locked(session, who.user_id)
    if user is None:
        raise NotFound(user_rules.NOT_FOUND)
    if user.email == email:
        return
    if user_rows.other_has_email(session, user.id, email):
        raise Conflict(user_rules.EMAIL_TAKEN)
    user.email, user.is_email_verified = email, False
    session.flush()
    _record(session, Event.CREDENTIALS_CHANGED, who, user.username, what="email")


def note(session: Session, event: Event, who: Visitor, target: User, **detail: Any) -> None:
    """Records what was done to an account."""
    _record(session, event, who, target.username, target_id=target.id, **detail)


def _locked(session: Session, who: Visitor, user_id: int) -> tuple[User, int]:
    """The target, and how many other administrators are active.

    Whoever lost the role while this request waited for the locks may change nothing any more.
    """
    target, administrators = user_rows.locked_with_administrators(session, user_id)
    if who.user_id not in administrators:
        raise Forbidden("Your account may not do this")
    if target is None:
        raise NotFound(user_rules.NOT_FOUND)
    return target, len(administrators - {user_id})


def _record(session: Session, event: Event, who: Visitor, subject: str, **detail: Any) -> None:
    record(session, event, user_id=who.user_id, username=who.username, subject=subject, **detail)
