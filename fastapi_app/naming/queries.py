"""What rows say of videos, as far as names are concerned."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Video
from fastapi_app.naming.tokens import Facts
from fastapi_app.transaction import Record

FACTS: tuple[Any, ...] = (
    Artist.name.label("artist"),
    Video.title,
    Video.year,
    Video.quality,
    Video.genres,
    Video.directors,
    Video.youtube_id,
    Video.imvdb_id,
)
"""The columns that `facts` reads."""
_FEW = 3
_LOOKED_AT = 500


def facts(row: Record) -> Facts:
    return Facts(row.artist, row.title, row.year, row.quality, row.genres, row.directors, row.youtube_id, row.imvdb_id)


def of_videos() -> Select[Any]:
    """Every video that has a file, with its artist."""
    query: Select[Any] = select(Video.id, Video.local_path, *FACTS).join(Artist, Artist.id == Video.artist_id)
    return query.where(Video.local_path.is_not(None))


async def examples(session: AsyncSession) -> Sequence[Record]:
    """A few films: the newest, the one with the longest title among them, and the one whose year nobody knows."""
    newest = (await session.execute(of_videos().order_by(Video.id.desc()).limit(_LOOKED_AT))).all()
    longest = sorted(newest, key=lambda row: len(row.title), reverse=True)[:1]
    odd = [row for row in newest if row.year is None][:1]
    strange = [row for row in newest if not (row.artist + row.title).isascii()][:1]
    chosen = {row.id: row for row in (*newest[:_FEW], *longest, *odd, *strange)}
    return list(chosen.values())
