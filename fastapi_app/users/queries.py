"""The SQL about accounts and their logins."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.database import rows_changed
from fastapi_app.models import INTEGER_MAX, ApiKey, SessionStatus, User, UserRole, UserSession, now
from fastapi_app.transaction import Record
from fastapi_app.users.rules import Wanted

_ACCOUNT = (
    User.id,
    User.username,
    User.email,
    User.role,
    User.is_active,
    User.is_email_verified,
    User.last_login,
    User.created_at,
    User.updated_at,
    User.preferences,
    User.failed_login_attempts,
    User.locked_until,
    User.last_login_ip,
    User.two_factor_enabled,
)
_FACTOR = (
    User.id,
    User.username,
    User.email,
    User.role,
    User.two_factor_enabled,
    User.two_factor_secret,
    User.backup_codes,
)
_LOGIN = (
    UserSession.id,
    UserSession.status,
    UserSession.ip_address,
    UserSession.user_agent,
    UserSession.created_at,
    UserSession.last_activity,
    UserSession.expires_at,
)


@dataclass(frozen=True)
class Locked:
    """The rows that a change of rights is decided by, locked: the target, and every active administrator's id."""

    target: User | None
    administrators: frozenset[int]


async def accounts(session: AsyncSession, wanted: Wanted) -> Sequence[Record]:
    """The accounts of one page, the oldest first."""
    query = select(*_ACCOUNT).where(*_matching(wanted)).order_by(User.id)
    if wanted.per_page is not None:
        query = query.limit(wanted.per_page).offset((wanted.page - 1) * wanted.per_page)
    elif wanted.page > 1:
        return []
    return (await session.execute(query)).all()


async def count(session: AsyncSession, wanted: Wanted) -> int:
    return await session.scalar(select(func.count(User.id)).where(*_matching(wanted))) or 0


async def counts_by_role(session: AsyncSession) -> dict[UserRole | None, int]:
    """How many active accounts have each role."""
    query = select(User.role, func.count(User.id)).where(User.is_active.is_(True)).group_by(User.role)
    return {row[0]: row[1] for row in await session.execute(query)}


async def account(session: AsyncSession, user_id: int) -> Record | None:
    if user_id > INTEGER_MAX:
        return None
    return (await session.execute(select(*_ACCOUNT).where(User.id == user_id))).first()


async def factor(session: AsyncSession, user_id: int) -> Record | None:
    """An account with what is stored of its second factor."""
    if user_id > INTEGER_MAX:
        return None
    return (await session.execute(select(*_FACTOR).where(User.id == user_id))).first()


async def logins(session: AsyncSession, user_id: int) -> Sequence[Record]:
    """The active logins of an account, the one used last first."""
    query = select(*_LOGIN).where(UserSession.user_id == user_id, UserSession.status == SessionStatus.ACTIVE)
    return (await session.execute(query.order_by(UserSession.last_activity.desc(), UserSession.id.desc()))).all()


async def taken(session: AsyncSession, username: str, email: str) -> tuple[bool, bool]:
    """Whether somebody has this name, or one that looks alike, and whether somebody has this address."""
    query = select((User.username == username).label("by_name"), (User.email == email).label("by_email"))
    rows = (await session.execute(query.where(or_(User.username == username, User.email == email)))).all()
    return any(row.by_name for row in rows), any(row.by_email for row in rows)


async def has_other_with_email(session: AsyncSession, user_id: int, email: str) -> bool:
    query = select(User.id).where(User.email == email, User.id != user_id)
    return await session.scalar(query.limit(1)) is not None


async def locked_user(session: AsyncSession, user_id: int) -> User | None:
    """One account, locked until the transaction ends, as it is now."""
    if user_id > INTEGER_MAX:
        return None
    query = select(User).where(User.id == user_id).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


async def locked_with_administrators(session: AsyncSession, user_id: int) -> Locked:
    """In the order of ids, so that two administrators who demote each other wait for one another, never crosswise."""
    query = select(User).where(or_(User.id == min(user_id, INTEGER_MAX), User.role == UserRole.ADMIN))
    query = query.order_by(User.id).with_for_update().execution_options(populate_existing=True)
    users = list(await session.scalars(query))
    target = next((user for user in users if user.id == user_id), None)
    administrators = (user.id for user in users if user.role is UserRole.ADMIN and user.is_active)
    return Locked(target, frozenset(administrators))


async def revoke_login(session: AsyncSession, user_id: int, session_id: int) -> bool:
    """Whether there was such an active login of this account. It counts no more."""
    if max(user_id, session_id) > INTEGER_MAX:
        return False
    return await _revoke(session, UserSession.user_id == user_id, UserSession.id == session_id) > 0


async def revoke_logins(session: AsyncSession, user_id: int, kept_id: int | None = None) -> int:
    """Ends every login of an account but the kept one; tokens hang on these rows. Gives their number."""
    kept = [UserSession.id != kept_id] if kept_id is not None else []
    return await _revoke(session, UserSession.user_id == user_id, *kept)


async def revoke_keys(session: AsyncSession, user_id: int) -> int:
    alive = (ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
    return rows_changed(await session.execute(update(ApiKey).where(*alive).values(revoked_at=now())))


async def _revoke(session: AsyncSession, *which: ColumnElement[bool]) -> int:
    change = update(UserSession).where(UserSession.status == SessionStatus.ACTIVE, *which)
    change = change.values(status=SessionStatus.REVOKED).execution_options(synchronize_session=False)
    return rows_changed(await session.execute(change))


def _matching(wanted: Wanted) -> list[ColumnElement[bool]]:
    """A search finds parts of names and addresses; % and _ are letters like any other."""
    found: list[ColumnElement[bool]] = []
    if wanted.search:
        found.append(
            or_(
                User.username.contains(wanted.search, autoescape=True),
                User.email.contains(wanted.search, autoescape=True),
            )
        )
    if wanted.role is not None:
        found.append(User.role == wanted.role)
    if wanted.is_active is not None:
        found.append(User.is_active.is_(wanted.is_active))
    return found
