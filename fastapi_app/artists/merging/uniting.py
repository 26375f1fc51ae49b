"""Making one artist of several, under locks."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists.locking import lock_with_videos
from fastapi_app.artists.merging import queries, rules
from fastapi_app.artists.merging.copies import pairs
from fastapi_app.artists.queries import recount_genres
from fastapi_app.errors import NotFound


async def merge(wanted: rules.Merge, session: AsyncSession) -> tuple[rules.Columns, list[rules.Columns]]:
    """The artist that stays and those that went into it, as they were before. Work for `locking.alone`.

    Raises NotFound.
    """
    found = await lock_with_videos(session, wanted.everybody)
    if wanted.primary is None or wanted.primary not in found:
        raise NotFound("Primary artist not found")
    if len(found) != len(wanted.secondaries) + 1:
        raise NotFound("One or more secondary artists not found")
    rows = await queries.artists(session, found)
    primary, others = rows.pop(wanted.primary), list(rows.values())
    for pair in pairs(await queries.copies(session, found), wanted.primary):
        await queries.fold(session, pair)
    await _unite(session, primary, others)
    return primary, others


async def _unite(session: AsyncSession, primary: rules.Columns, others: Sequence[rules.Columns]) -> None:
    """Moves everything, then writes what the row that stays takes over: some is unique, so the others go first."""
    moved = await queries.move(session, [other["id"] for other in others], primary["id"])
    changes = rules.united(primary, others)
    genres = await recount_genres(session, primary["id"]) if moved else []
    if genres and genres != primary["genres"]:
        changes["genres"] = genres
    if changes:
        await queries.change(session, primary["id"], changes)
