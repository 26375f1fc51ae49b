"""The SQL of the settings page."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Setting
from fastapi_app.models.collation import sort_key
from fastapi_app.settings.catalogue import CATALOGUE


async def stored(session: AsyncSession, keys: Iterable[str] | None = None) -> dict[str, str | None]:
    """Values by key, of some settings or of all that the catalogue knows."""
    wanted = sorted(keys if keys is not None else (entry.key for entry in CATALOGUE))
    known = {sort_key(key): key for key in wanted}
    rows = await session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(wanted)))
    return {known[sort_key(row.key)]: row.value for row in rows}
