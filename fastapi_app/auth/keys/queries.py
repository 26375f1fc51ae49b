"""API keys as rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Update, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import ApiKey, User
from fastapi_app.transaction import Record

_SHOWN = (
    ApiKey.id,
    ApiKey.user_id,
    ApiKey.name,
    ApiKey.prefix,
    ApiKey.role,
    ApiKey.created_at,
    ApiKey.expires_at,
    ApiKey.last_used_at,
    ApiKey.last_used_ip,
    User.username,
)


async def alive(session: AsyncSession, key_hash: str, at: datetime) -> Record | None:
    """The key of this hash and its user, when both still count."""
    columns = (
        ApiKey.id.label("key_id"),
        ApiKey.role.label("key_role"),
        ApiKey.last_used_at,
        User.id.label("user_id"),
        User.username,
        User.email,
        User.role,
    )
    counts = (
        ApiKey.key_hash == key_hash,
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > at),
        User.is_active.is_(True),
    )
    return (await session.execute(select(*columns).join(User, ApiKey.user_id == User.id).where(*counts))).first()


def used(key_id: int, at: datetime, ip: str) -> Update:
    """The change that notes a key's use."""
    return update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=at, last_used_ip=ip[:45] or None)


async def listed(session: AsyncSession, user_id: int | None) -> Sequence[Record]:
    """The keys of one user, or of all, that are not revoked; the newest first."""
    query = select(*_SHOWN).join(User, ApiKey.user_id == User.id).where(ApiKey.revoked_at.is_(None))
    if user_id is not None:
        query = query.where(ApiKey.user_id == user_id)
    return (await session.execute(query.order_by(ApiKey.id.desc()))).all()


async def count(session: AsyncSession, user_id: int) -> int:
    """How many keys a user has. Locks the user's row, so that keys made at once are counted one by one."""
    await session.execute(select(User.id).where(User.id == user_id).with_for_update())
    query = select(func.count()).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
    return await session.scalar(query) or 0


async def locked(session: AsyncSession, key_id: int) -> ApiKey | None:
    """A key that is not revoked, until the end of the transaction."""
    query = select(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).with_for_update()
    found: ApiKey | None = await session.scalar(query)
    return found
