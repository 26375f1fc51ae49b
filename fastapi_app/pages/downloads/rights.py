"""Which buttons somebody sees."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.access import OPEN_ACCESS, Access, reach
from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.auth.visitor import Visitor


@dataclass(frozen=True)
class Rights:
    """Whether a visitor may act on downloads, and on the queue as a whole."""

    modify: bool
    configure: bool


async def rights_of(visitor: Visitor, session: AsyncSession) -> Rights:
    """The rights of the role, or of anybody while the gate is open. The routes themselves decide; this only shows."""
    reached = reach(visitor.role)
    if reached < OPEN_ACCESS and gate_is_open(await stored_gate(session)):
        reached = OPEN_ACCESS
    return Rights(reached >= Access.MODIFY, reached >= Access.CONFIGURE)
