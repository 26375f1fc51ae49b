"""The SQL of merging artists. Every row concerned is locked before."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists.merging.copies import Copy, Pair, filled
from fastapi_app.artists.merging.rules import Columns
from fastapi_app.models import Artist, Download, Video
from fastapi_app.playlists.succession import list_instead


async def artists(session: AsyncSession, artist_ids: Sequence[int]) -> dict[int, Columns]:
    """Whole rows by id, in the order of their ids."""
    query = select(*Artist.__table__.columns).where(Artist.id.in_(artist_ids)).order_by(Artist.id)
    return {row.id: row._asdict() for row in await session.execute(query)}


async def copies(session: AsyncSession, artist_ids: Sequence[int]) -> list[Copy]:
    """The videos of these artists that YouTube knows."""
    columns = (Video.id, Video.artist_id, Video.youtube_id, Video.imvdb_id, Video.local_path, Video.status)
    query = select(*columns).where(Video.artist_id.in_(artist_ids), Video.youtube_id != "").order_by(Video.id)
    return [Copy(**row._asdict()) for row in await session.execute(query)]


async def fold(session: AsyncSession, pair: Pair) -> None:
    """Makes one row of two: downloads and places in playlists go to the one that stays, and so does what it lacks."""
    query = select(*Video.__table__.columns).where(Video.id.in_((pair.kept, pair.dropped)))
    rows = {row.id: row._asdict() for row in await session.execute(query)}
    changes = filled(rows[pair.kept], rows[pair.dropped])
    await session.execute(update(Download).where(Download.video_id == pair.dropped).values(video_id=pair.kept))
    await list_instead(session, pair.kept, pair.dropped)
    await session.execute(delete(Video).where(Video.id == pair.dropped))
    if changes:
        await session.execute(update(Video).where(Video.id == pair.kept).values(changes))


async def move(session: AsyncSession, secondaries: Sequence[int], primary: int) -> int:
    """Gives everything that refers to some artists to another one, and deletes them. Returns the moved videos."""
    videos = await session.execute(update(Video).where(Video.artist_id.in_(secondaries)).values(artist_id=primary))
    await session.execute(update(Download).where(Download.artist_id.in_(secondaries)).values(artist_id=primary))
    await session.execute(delete(Artist).where(Artist.id.in_(secondaries)))
    moved: int = videos.rowcount  # type: ignore[attr-defined]  # an UPDATE's result has it
    return moved


async def change(session: AsyncSession, artist_id: int, changes: dict[str, Any]) -> None:
    await session.execute(update(Artist).where(Artist.id == artist_id).values(changes))
