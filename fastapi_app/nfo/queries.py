"""What rows say of videos, as far as media servers are concerned."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video
from fastapi_app.naming.tokens import first, texts
from fastapi_app.nfo.document import Facts
from fastapi_app.nfo.payload import WriteNfo
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
_HAS_FILM = Video.local_path.is_not(None)


def count(session: Session, wish: WriteNfo) -> int:
    """How many videos with a film the job is for."""
    query = select(func.count()).select_from(Video).join(Artist, Artist.id == Video.artist_id).where(*_meant(wish))
    return session.scalar(query) or 0


def page(session: Session, wish: WriteNfo, after: int, limit: int) -> Sequence[Record]:
    """Some of them, behind the id `after`."""
    query = select(*_COLUMNS).join(Artist, Artist.id == Video.artist_id).where(*_meant(wish), Video.id > after)
    return session.execute(query.order_by(Video.id).limit(limit)).all()


def were_edited(session: Session, since: datetime, until: datetime) -> bool:
    """Whether rows of videos with a film, or of artists with such, changed in between. Looks at each video once."""
    videos = select(Video.id).where(_HAS_FILM, Video.updated_at >= since, Video.updated_at < until)
    artists = select(Artist.id).where(Artist.updated_at >= since, Artist.updated_at < until)
    artists = artists.where(exists().where(Video.artist_id == Artist.id, _HAS_FILM))
    return any(session.scalar(query.limit(1)) is not None for query in (videos, artists))


def _meant(wish: WriteNfo) -> Iterator[ColumnElement[bool]]:
    yield _HAS_FILM
    if wish.video_id is not None:
        yield Video.id == wish.video_id
    if wish.since is not None:
        yield or_(Video.updated_at >= wish.since, Artist.updated_at >= wish.since)


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
