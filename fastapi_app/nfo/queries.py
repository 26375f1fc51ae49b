"""What rows say of videos, as far as media servers are concerned."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video
from fastapi_app.naming.tokens import first, texts
from fastapi_app.nfo.document import Facts
from fastapi_app.transaction import Record

_COLUMNS: tuple[Any, ...] = (
    Video.id,
    Video.local_path,
    Video.thumbnail_path,
    Video.thumbnail_url,
    Video.title,
    Artist.name.label("artist"),
    Video.description,
    Video.directors,
    Video.genres,
    Video.release_date,
    Video.year,
    Video.duration,
    Video.youtube_id,
    Video.imvdb_id,
    Video.imvdb_metadata,
)


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Video).where(Video.local_path.is_not(None))) or 0


def page(session: Session, after: int, limit: int, video_id: int | None = None) -> Sequence[Record]:
    """Videos with a film, behind the id `after`; or the one."""
    query = select(*_COLUMNS).join(Artist, Artist.id == Video.artist_id)
    query = query.where(Video.local_path.is_not(None), Video.id > after)
    if video_id is not None:
        query = query.where(Video.id == video_id)
    return session.execute(query.order_by(Video.id).limit(limit)).all()


def facts(row: Record) -> Facts:
    """The row's own columns count before what IMVDb said once."""
    imvdb: Mapping[str, Any] = row.imvdb_metadata if isinstance(row.imvdb_metadata, dict) else {}
    others = [name for name in texts(imvdb.get("artists")) if name.casefold() != row.artist.casefold()]
    thumb = row.thumbnail_url or ""
    return Facts(
        title=row.title,
        artists=[row.artist, *others],
        album=first(imvdb.get("album")),
        plot=row.description or "",
        directors=texts(row.directors),
        genres=texts(row.genres),
        tags=texts(imvdb.get("tags")),
        studio=first(imvdb.get("label")),
        premiered=row.release_date.date() if isinstance(row.release_date, datetime) else None,
        year=row.year,
        seconds=row.duration,
        thumb=thumb if thumb.startswith(("http://", "https://")) else "",
        youtube_id=row.youtube_id or "",
        imvdb_id=row.imvdb_id or "",
    )
