"""What administrators do to accounts: each change decided by locked rows, and recorded with them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Origin, record
from fastapi_app.auth import password_reset
from fastapi_app.auth.new_password import lift_locks
from fastapi_app.auth.requirement import refuse_keys
from fastapi_app.auth.visitor import Visitor
from fastapi_app.errors import BadRequest, Conflict, Forbidden, NotFound
from fastapi_app.models import User, UserRole, now
from fastapi_app.users import queries, rules
from fastapi_app.users.shown import is_locked


@dataclass(frozen=True)
class Acting:
    """Who changes something, and from where."""

    visitor: Visitor
    origin: Origin


async def create(session: AsyncSession, acting: Acting, new: rules.NewAccount, password_hash: str) -> User:
    """Raises Conflict where the name or the address is taken; two at once meet in the unique index."""
    by_name, by_email = await queries.taken(session, new.username, new.email)
    if by_name or by_email:
        raise Conflict(rules.NAME_TAKEN if by_name else rules.EMAIL_TAKEN)
    user = User(username=new.username, email=new.email, password_hash=password_hash, role=new.role)
    session.add(user)
    await session.flush()
    _note(session, Event.USER_CREATED, acting, user, role=new.role.value)
    return user


async def change_role(session: AsyncSession, acting: Acting, user_id: int, role: UserRole) -> None:
    """The new role counts with the next request. Raises NotFound, Forbidden, Conflict."""
    target, others = await _locked(session, acting, user_id)
    before = target.role
    if before is role:
        return
    administers = before is UserRole.ADMIN and target.is_active
    rules.refuse_loss(acting.visitor.user_id, target.id, others if administers else 1, refusal=rules.OWN_ROLE)
    target.role = role
    _note(session, Event.USER_ROLE_CHANGED, acting, target, before=before and before.value, after=role.value)


async def deactivate(session: AsyncSession, acting: Acting, user_id: int) -> None:
    """Ends the logins, tokens and keys of the account too. Raises NotFound, BadRequest, Forbidden, Conflict."""
    target, others = await _locked(session, acting, user_id)
    if not target.is_active:
        raise BadRequest("User is already inactive")
    administers = target.role is UserRole.ADMIN
    rules.refuse_loss(acting.visitor.user_id, target.id, others if administers else 1, refusal=rules.OWN_ACCOUNT)
    target.is_active = False
    logins = await queries.revoke_logins(session, target.id)
    keys = await queries.revoke_keys(session, target.id)
    _note(session, Event.USER_DEACTIVATED, acting, target, logins_ended=logins, keys_revoked=keys)


async def activate(session: AsyncSession, acting: Acting, user_id: int) -> None:
    """Lifts a lock as well. Raises NotFound, BadRequest, Forbidden."""
    target, _ = await _locked(session, acting, user_id)
    if target.is_active:
        raise BadRequest("User is already active")
    target.is_active = True
    await lift_locks(session, target)
    _note(session, Event.USER_ACTIVATED, acting, target)


async def toggle(session: AsyncSession, acting: Acting, user_id: int) -> bool:
    """Switches an account off, or on. Gives whether it is on now."""
    target, _ = await _locked(session, acting, user_id)
    change = deactivate if target.is_active else activate
    await change(session, acting, user_id)
    return bool(target.is_active)


async def unlock(session: AsyncSession, acting: Acting, user_id: int) -> None:
    """Raises NotFound, BadRequest, Forbidden."""
    target, _ = await _locked(session, acting, user_id)
    if not is_locked(target.locked_until, now()):
        raise BadRequest("User is not locked")
    await lift_locks(session, target)
    _note(session, Event.USER_UNLOCKED, acting, target)


async def make_reset_code(session: AsyncSession, acting: Acting, user_id: int) -> str:
    """A one-time code with which the owner of the account sets a new password. Raises NotFound, Forbidden."""
    refuse_keys(acting.visitor)
    target, _ = await _locked(session, acting, user_id)
    made = password_reset.make(target)
    _note(session, Event.PASSWORD_RESET_ASKED, acting, target)
    return made.code


async def revoke_login(session: AsyncSession, acting: Acting, user_id: int, session_id: int) -> None:
    """Raises NotFound."""
    if not await queries.revoke_login(session, user_id, session_id):
        raise NotFound(rules.SESSION_NOT_FOUND)
    _record(session, Event.SESSION_REVOKED, acting, f"session {session_id}", owner_id=user_id)


async def revoke_logins(session: AsyncSession, acting: Acting, user_id: int, kept_id: int | None = None) -> int:
    """All logins of an account, or all but the kept one. Raises NotFound. Gives how many ended."""
    target = await queries.account(session, user_id)
    if target is None:
        raise NotFound(rules.NOT_FOUND)
    ended = await queries.revoke_logins(session, user_id, kept_id)
    _record(session, Event.ALL_SESSIONS_REVOKED, acting, target.username, owner_id=user_id, ended=ended)
    return ended


async def _locked(session: AsyncSession, acting: Acting, user_id: int) -> tuple[User, int]:
    """The target, and how many other administrators are active.

    Whoever lost the role while this request waited for the locks may change nothing any more.
    """
    rows = await queries.locked_with_administrators(session, user_id)
    if acting.visitor.user_id not in rows.administrators:
        raise Forbidden
    if rows.target is None:
        raise NotFound(rules.NOT_FOUND)
    return rows.target, len(rows.administrators - {user_id})


def _note(session: AsyncSession, event: Event, acting: Acting, target: User, **detail: Any) -> None:
    _record(session, event, acting, target.username, target_id=target.id, **detail)


def _record(session: AsyncSession, event: Event, acting: Acting, subject: str, **detail: Any) -> None:
    who = acting.visitor
    record(session, event, acting.origin, user_id=who.user_id, username=who.username, subject=subject, **detail)
