"""Gives an account a new password, and ends what hung on the old one."""

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth import single_account
from fastapi_app.auth.attempts import forget
from fastapi_app.auth.limits import code_subject
from fastapi_app.auth.names import is_same
from fastapi_app.models import Attempt, SessionStatus, Setting, User, UserSession, now


async def give(session: AsyncSession, user: User, digest: str, *, kept_session: int | None = None) -> None:
    """Sets the hash, voids reset codes and 0.9's single password of this name, and ends every login but one.

    The caller has locked the row of `user`. Pending logins end by themselves: they are bound to the old hash.
    """
    user.password_hash, user.password_changed_at = digest, now()
    user.password_reset_token = user.password_reset_expires = None
    others = [UserSession.user_id == user.id, UserSession.status == SessionStatus.ACTIVE]
    others += [] if kept_session is None else [UserSession.id != kept_session]
    await session.execute(update(UserSession).where(*others).values(status=SessionStatus.REVOKED))
    owner = await session.scalar(select(Setting.value).where(Setting.key == single_account.NAME_SETTING))
    if owner and is_same(owner, user.username):
        await single_account.retire(session)


async def lift_locks(session: AsyncSession, user: User) -> None:
    """Forgets the failures that were counted for the account: whoever has its new password may try it."""
    user.failed_login_attempts, user.locked_until = 0, None
    await forget(session, [code_subject(user.id)])
    await session.execute(delete(Attempt).where(Attempt.subject.like(f"home:{user.id}:%")))
