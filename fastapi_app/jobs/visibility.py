"""Whose jobs somebody sees. The rule is the same over HTTP and over sockets."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.access import Access
from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.auth.visitor import Visitor
from fastapi_app.models import Job


@dataclass(frozen=True)
class View:
    """All jobs, or those of one user and of nobody. `user_id` None is a visitor without an account."""

    user_id: int | None = None
    everything: bool = False

    def shows(self, owner_id: int | None) -> bool:
        return self.everything or owner_id is None or owner_id == self.user_id

    def condition(self) -> ColumnElement[bool]:
        """The same for a query of `jobs`."""
        if self.everything:
            return true()
        mine: list[Any] = [] if self.user_id is None else [Job.user_id == self.user_id]
        return or_(Job.user_id.is_(None), *mine)


async def view_of(visitor: Visitor, session: AsyncSession) -> View:
    """What a visitor who may read at all sees: all, where the role or an open gate reaches MANAGE."""
    everything = visitor.reaches(Access.MANAGE) or gate_is_open(await stored_gate(session))
    return View(visitor.user_id, everything)
