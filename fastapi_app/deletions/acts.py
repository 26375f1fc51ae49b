"""Deleting with a way back, and going it: for the routes and for pages. Each in a transaction of its own."""

from dataclasses import dataclass
from functools import partial

from anyio import to_thread
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists.locking import alone
from fastapi_app.auth.visitor import Visitor
from fastapi_app.deletions import collecting, queries, restoring, rules, snapshot
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.models import INTEGER_MAX, Deletion, now

MISSING = "Deletion not found"


@dataclass(frozen=True)
class Outcome:
    """How much went, or came back."""

    id: int
    artists: int
    videos: int
    deletion: Deletion

    @property
    def amount(self) -> str:
        return rules.amount(self.artists, self.videos)


async def delete(request: Request, session: AsyncSession, visitor: Visitor, wanted: rules.Asked) -> Outcome:
    """Deletes rows; files and pictures stay. Raises NotFound and Conflict."""
    return await alone(request, session, partial(_delete, visitor, wanted))


async def restore(request: Request, session: AsyncSession, deletion_id: int) -> Outcome:
    """Brings back what a deletion took. Raises NotFound and Conflict."""
    return await alone(request, session, partial(_restore, deletion_id))


async def _delete(visitor: Visitor, wanted: rules.Asked, session: AsyncSession) -> Outcome:
    gone = await collecting.collect(session, wanted.table, wanted.ids)
    artists, videos = gone.count("artists"), gone.count("videos")
    rules.check_amount(wanted, artists, videos)
    text = await to_thread.run_sync(snapshot.written, gone)
    rules.check_size(text)
    names = await queries.first_names(session, gone.tables.get("artists", []), gone.tables["videos"])
    deletion = Deletion(
        user_id=visitor.user_id,
        username=visitor.username or None,
        videos=videos,
        artists=artists,
        names=names,
        snapshot=text,
        created_at=now(),
        expires_at=now() + rules.KEPT,
    )
    session.add(deletion)
    await session.flush()
    await collecting.delete(session, gone)
    return Outcome(deletion.id, artists, videos, deletion)


async def _restore(deletion_id: int, session: AsyncSession) -> Outcome:
    deletion = await queries.locked(session, deletion_id) if deletion_id <= INTEGER_MAX else None
    if deletion is None or deletion.expires_at <= now():
        raise NotFound(MISSING)
    if deletion.restored_at is not None or deletion.snapshot is None:
        raise Conflict("This was restored already")
    try:
        kept = await to_thread.run_sync(snapshot.read, deletion.snapshot)
    except snapshot.UnknownVersion:
        raise Conflict("A later version of MVidarr kept this, and only that can restore it") from None
    back = await restoring.restore(session, kept)
    deletion.restored_at, deletion.snapshot = now(), None
    await session.flush()
    return Outcome(deletion.id, back.count("artists"), back.count("videos"), deletion)
