"""The SQL of the scheduler's switch: a setting."""

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.downloads.schedule import SWITCH
from fastapi_app.models import Setting
from fastapi_app.scheduler.rules import DESCRIPTION
from fastapi_app.settings.queries import locked_setting


async def turn(session: AsyncSession, value: str | None) -> None:
    """Stores where the switch stands, None for no row."""
    if value is None:
        await session.execute(delete(Setting).where(Setting.key == SWITCH))
        return
    row = await locked_setting(session, SWITCH)
    if row is None:
        try:
            async with session.begin_nested():
                session.add(Setting(key=SWITCH, value=value, description=DESCRIPTION))
            return
        except IntegrityError:  # somebody else turned it at this moment
            row = await locked_setting(session, SWITCH)
    if row is not None:
        row.value = value
