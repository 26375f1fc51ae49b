"""The SQL of the webhook routes: one row of the settings."""

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Setting
from fastapi_app.webhooks.rules import SETTING


async def stored_config(session: AsyncSession) -> str | None:
    return await session.scalar(select(Setting.value).where(Setting.key == SETTING))


async def locked_config(session: AsyncSession) -> Setting:
    """The row, made where there is none, which nobody else changes until this transaction ends."""
    if await session.scalar(select(Setting.id).where(Setting.key == SETTING)) is None:
        # Of two that make it at once, the second waits and finds it made.
        making = insert(Setting).prefix_with("IGNORE", dialect="mysql").prefix_with("OR IGNORE", dialect="sqlite")
        await session.execute(making.values(key=SETTING, value="{}"))
    return (await session.scalars(select(Setting).where(Setting.key == SETTING).with_for_update())).one()
