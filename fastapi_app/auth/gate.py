"""The login gate: one setting, read for whoever is not allowed by role alone."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Setting
from fastapi_app.transaction import found

GATE_SETTING = "require_authentication"
_STORED = select(Setting.key, Setting.value).where(Setting.key == GATE_SETTING)
_OPEN = frozenset({"false", "0", "no", "off", ""})


def gate_is_open(stored: str | None) -> bool:
    """Whether the stored value opens the gate. A missing row and anything unreadable keep it closed."""
    return stored is not None and stored.lower() in _OPEN


async def stored_gate(session: AsyncSession) -> str | None:
    """The stored value, None where there is no row."""
    rows = await found(session, _STORED)
    return next((row.value for row in rows if row.key == GATE_SETTING), None)
