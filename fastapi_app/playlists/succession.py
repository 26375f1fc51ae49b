"""Playlists when two rows of one video become one."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import PlaylistEntry


async def list_instead(session: AsyncSession, kept: int, dropped: int) -> None:
    """Puts the row that stays into the playlists of the other. One that has both keeps the place of the first."""
    having = list(await session.scalars(select(PlaylistEntry.playlist_id).where(PlaylistEntry.video_id == kept)))
    entries = update(PlaylistEntry).where(PlaylistEntry.video_id == dropped)
    await session.execute(entries.where(PlaylistEntry.playlist_id.not_in(having)).values(video_id=kept))
