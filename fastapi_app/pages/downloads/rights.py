"""Which buttons somebody sees."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.access import OPEN_ACCESS, Access, reach
from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.auth.visitor import Visitor


@dataclass(frozen=True)
class Rights:
    """Whether a visitor may change and download, delete and merge, and act on the whole of something."""

    modify: bool
    manage: bool
    configure: bool


async def rights_of(visitor: Visitor, session: AsyncSession) -> Rights:
    """The rights of the role, or of anybody while the gate is open. The routes themselves decide; this only shows."""
    reached = reach(visitor.role)
    if reached < OPEN_ACCESS and gate_is_open(await stored_gate(session)):
        reached = OPEN_ACCESS
    return Rights(*(reached >= needed for needed in (Access.MODIFY, Access.MANAGE, Access.CONFIGURE)))
