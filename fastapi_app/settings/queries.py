"""The SQL of the settings routes."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Setting
from fastapi_app.models.collation import sort_key
from fastapi_app.transaction import Record, found

_SHOWN = (Setting.key, Setting.value, Setting.description, Setting.updated_at)
_ALL = select(*_SHOWN).order_by(Setting.key)


async def all_settings(session: AsyncSession) -> Sequence[Record]:
    return await found(session, _ALL)


async def one_setting(session: AsyncSession, key: str) -> Record | None:
    """The setting of exactly this name; the column itself compares without regard to case."""
    rows = await session.execute(select(*_SHOWN).where(Setting.key == key))
    return next((row for row in rows if row.key == key), None)


async def locked_setting(session: AsyncSession, key: str) -> Setting | None:
    """The row that a write to `key` changes, blind to case as the column is."""
    return await session.scalar(select(Setting).where(Setting.key == key).with_for_update())


async def locked_settings(session: AsyncSession, keys: Iterable[str]) -> dict[str, Setting]:
    """The rows of several keys by sort key, locked in one order by every transaction."""
    query = select(Setting).where(Setting.key.in_(sorted(keys))).order_by(Setting.id).with_for_update()
    return {sort_key(setting.key): setting for setting in await session.scalars(query)}
