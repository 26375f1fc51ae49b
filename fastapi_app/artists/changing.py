"""Adding and changing an artist in a transaction, for the routes and for the pages.

Conflict 409
├── NameTaken           there is an artist of this name
└── IdTaken             another artist has this IMVDb id
"""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists import queries, rules
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.models import INTEGER_MAX, Artist

MISSING = "Artist not found"


class NameTaken(Conflict):
    """There is an artist of this name already; names that differ only in case or accents are the same."""

    def __init__(self, existing: Artist) -> None:
        super().__init__("Artist already exists")
        self.artist_id = existing.id
        self.name = existing.name


class IdTaken(Conflict):
    """Another artist has this IMVDb id: `holder_id` and `holder_name`."""

    def __init__(self, imvdb_id: str, artist: Artist, holder: Artist, counts: dict[int, int]) -> None:
        super().__init__(
            f'IMVDb ID {imvdb_id} is already assigned to artist "{holder.name}"',
            duplicate_conflict=True,
            current_artist=_party(artist, counts),
            existing_artist=_party(holder, counts),
        )
        self.holder_id = holder.id
        self.holder_name = holder.name


async def add_artist(session: AsyncSession, body: Any) -> Artist:
    """Tracks a new artist, as `POST /api/artists/` is told to. Raises BadRequest, NameTaken or Conflict."""
    columns = rules.new_artist(body)
    existing = await queries.artist_named(session, columns["name"])
    if existing is not None:
        raise NameTaken(existing)
    artist = Artist(**columns)
    session.add(artist)
    await _flush(session)
    return artist


async def change_artist(session: AsyncSession, artist_id: int, body: Any) -> Artist:
    """Changes the members that the body names. Raises BadRequest, NotFound, IdTaken or Conflict."""
    changes = rules.changes(body)
    if artist_id > INTEGER_MAX:
        raise NotFound(MISSING)
    artist = await queries.locked_artist(session, artist_id)
    if artist is None:
        raise NotFound(MISSING)
    await _refuse_taken_id(session, artist, changes.get("imvdb_id"))
    for column, value in changes.items():
        setattr(artist, column, value)
    await _flush(session)
    return artist


async def _refuse_taken_id(session: AsyncSession, artist: Artist, imvdb_id: str | None) -> None:
    holder = await queries.holder_of(session, imvdb_id, artist.id) if imvdb_id else None
    if imvdb_id and holder is not None:
        counts = await queries.video_counts(session, [artist.id, holder.id])
        raise IdTaken(imvdb_id, artist, holder, counts)


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError:
        raise Conflict("Another artist already has this imvdb_id") from None


def _party(artist: Artist, counts: dict[int, int]) -> dict[str, Any]:
    return {
        "id": artist.id,
        "name": artist.name,
        "imvdb_id": artist.imvdb_id,
        "monitored": artist.monitored,
        "auto_download": artist.auto_download,
        "video_count": counts[artist.id],
    }
