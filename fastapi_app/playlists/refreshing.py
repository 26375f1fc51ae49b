"""Looking what the rules of a dynamic playlist find, and keeping what there is to keep of it."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.database import Database
from fastapi_app.models import Playlist
from fastapi_app.playlists import criteria, entries, findings
from fastapi_app.playlists.queries import Totals


async def refresh(session: AsyncSession, playlist: Playlist, moment: datetime) -> dict[str, Any]:
    """Looks anew for a locked playlist. Returns what became of it: `video_count`, `added_count`, `removed_count`.

    One that looks by itself keeps only the numbers; of another the videos are stored, each with the moment at which it
    first came. Raises Conflict for rules that can't be read.
    """
    wanted = criteria.of_row(playlist.filter_criteria)
    playlist.refreshed_at = moment
    known = await entries.moments(session, playlist.id)
    if playlist.auto_update:
        before = playlist.video_count or 0
        playlist.video_count, playlist.total_duration = await findings.totals(session, wanted, moment)
        if known:
            await entries.replace(session, playlist.id, {})
        change = playlist.video_count - before
        return {"video_count": playlist.video_count, "added_count": max(0, change), "removed_count": max(0, -change)}
    found = list(await findings.ids(session, wanted, moment, criteria.MOST_VIDEOS))
    if list(known) != found:
        await entries.replace(session, playlist.id, {video_id: known.get(video_id, moment) for video_id in found})
    playlist.video_count = playlist.total_duration = None
    kept = len(known.keys() & set(found))
    return {"video_count": len(found), "added_count": len(found) - kept, "removed_count": len(known) - kept}


async def note_totals(database: Database, playlist_id: int, found: Totals, moment: datetime) -> None:
    """Stores what was counted while somebody looked, so that lists tell it. Nobody waits for it, so it may fail."""
    values = {"video_count": found[0], "total_duration": found[1], "refreshed_at": moment}
    looks_itself = (Playlist.id == playlist_id, Playlist.is_dynamic.is_(True), Playlist.auto_update.is_(True))
    with suppress(SQLAlchemyError):
        async with database.writing() as session:
            await session.execute(
                update(Playlist).where(*looks_itself).values(updated_at=Playlist.updated_at, **values)
            )
