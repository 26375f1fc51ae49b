"""Which version of the tables a session sees."""

import time
from collections.abc import Callable
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.caching import triggers
from fastapi_app.caching.tags import Tag, effects
from fastapi_app.models import Base

Version = tuple[tuple[str, int, int], ...]
"""What is true of the tables at one moment, and at no other one: by tag, the last change and the sum of all."""

BELIEVED_SECONDS = 60.0
"""So long it is taken for granted that the triggers are there."""


class Versions:
    """One process's way to the versions."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._watched: frozenset[Tag] = frozenset()
        self._until = 0.0

    async def read(self, session: AsyncSession, tags: frozenset[Tag]) -> Version | None:
        """The version of some tables, one query. Ask before the rows: then what is kept under it is never older.

        None where nobody keeps it: without the triggers, before an upgrade, after a dump without them was put back.
        """
        if self._clock() >= self._until:
            self._watched = await _watched(session)
            self._until = self._clock() + BELIEVED_SECONDS
        if not tags <= self._watched:
            return None
        rows = (await session.execute(_query(_dialect(session), tags))).all()
        return tuple((tag, int(last), int(every)) for tag, last, every in rows) if len(rows) == len(tags) else None


async def _watched(session: AsyncSession) -> frozenset[Tag]:
    """The tags all of whose triggers are there."""
    present = set((await session.scalars(text(triggers.PRESENT[_dialect(session)]))).all())
    wanted = effects(Base.metadata)
    lacking = {tag for rule, tags in wanted.items() if triggers.name(rule) not in present for tag in tags}
    known = {tag for tags in wanted.values() for tag in tags}
    return frozenset(known - lacking)


def _dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


@cache
def _query(dialect: str, tags: frozenset[Tag]) -> TextClause:
    return text(triggers.versions(dialect, tags))
