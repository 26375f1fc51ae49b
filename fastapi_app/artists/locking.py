"""Changing many artists at once, while others change them and their videos.

Routes that change one row lock videos and artists in different orders. Work on many artists therefore never waits for
one lock while it holds another, and so it is never part of a deadlock: it takes all that it needs at once, or gives
everything back and tries again.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio
from fastapi import Request
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.errors import Conflict
from fastapi_app.models import Artist, Video

Result = TypeVar("Result")

PAUSES = (0.01, 0.02, 0.05, 0.1, *[0.2] * 24)
"""Seconds between attempts: five in all."""
_BUSY = frozenset({1205, 1213})
"""MariaDB's numbers for a lock that somebody else holds, and for the victim of a deadlock."""


async def alone(request: Request, session: AsyncSession, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """Does `work` in a transaction of its own, committed afterwards; again from the start where locks are taken.

    `session`, in which the login was looked up, ends: its picture of the library may be older than the locks. Raises
    Conflict when somebody else keeps hold of what is needed.
    """
    await session.rollback()
    for pause in PAUSES:
        try:
            return await _attempt(request, work)
        except OperationalError as error:
            if error.orig is None or error.orig.args[0] not in _BUSY:
                raise
        await anyio.sleep(pause)
    raise Conflict("Somebody else is changing these artists, try again in a moment")


async def lock(session: AsyncSession, artist_ids: Sequence[int]) -> list[int]:
    """Locks artists until the transaction ends. Returns the ids of those that exist, in order."""
    query = select(Artist.id).where(Artist.id.in_(artist_ids)).order_by(Artist.id)
    return list(await session.scalars(query.with_for_update(nowait=True)))


async def lock_with_videos(session: AsyncSession, artist_ids: Sequence[int]) -> list[int]:
    """The same with their videos. New ones wait, because their foreign key asks for the artist."""
    found = await lock(session, artist_ids)
    videos = select(Video.id).where(Video.artist_id.in_(found)).order_by(Video.artist_id, Video.id)
    await session.execute(videos.with_for_update(nowait=True))
    return found


async def _attempt(request: Request, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """On MariaDB every statement sees what others have committed by then, and rows are locked, not the gaps between."""
    async with request.state.database.writing() as session:
        if session.get_bind().dialect.name != "sqlite":
            await session.connection(execution_options={"isolation_level": "READ COMMITTED"})
        return await work(session)
