"""Changing one playlist while others change it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.visitor import Visitor
from fastapi_app.errors import Conflict
from fastapi_app.models import INTEGER_MAX, Playlist
from fastapi_app.playlists.standing import standing_of

_DYNAMIC = "A dynamic playlist is filled by its rules, change those instead"
_PLAIN = "This playlist has no rules, add videos to it instead"


@asynccontextmanager
async def changing(
    request: Request, session: AsyncSession, visitor: Visitor, playlist_id: int
) -> AsyncIterator[tuple[AsyncSession, Playlist]]:
    """A transaction with the playlist locked, committed at the end of the block. Raises NotFound and Forbidden.

    `session`, in which the login was looked up, ends: on MariaDB its picture of the rows may be older than the lock.
    So whoever comes second sees all that the first one did.
    """
    standing = await standing_of(session, visitor)
    await session.rollback()
    async with request.state.database.writing() as own:
        if own.get_bind().dialect.name != "sqlite":
            await own.connection(execution_options={"isolation_level": "READ COMMITTED"})
        yield own, standing.changed(await locked(own, playlist_id))


async def locked(session: AsyncSession, playlist_id: int) -> Playlist | None:
    """The row, which nobody else changes until this transaction ends."""
    if playlist_id > INTEGER_MAX:
        return None
    return await session.scalar(select(Playlist).where(Playlist.id == playlist_id).with_for_update())


def check_by_hand(playlist: Playlist) -> None:
    """Raises Conflict for one that is filled by rules."""
    if playlist.is_dynamic:
        raise Conflict(_DYNAMIC)


def check_dynamic(playlist: Playlist) -> None:
    """Raises Conflict for one that is filled by hand."""
    if not playlist.is_dynamic:
        raise Conflict(_PLAIN)
