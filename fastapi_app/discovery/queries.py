"""The SQL of discovery."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.discovery.findings import Finding, Known, known
from fastapi_app.discovery.rules import KEY
from fastapi_app.models import Artist, Setting, Video, VideoStatus
from fastapi_app.transaction import Record


async def counts(session: AsyncSession, recent_since: datetime) -> Record:
    """All counts, and the key of IMVDb, in one query."""
    videos, artists = select(func.count(Video.id)), select(func.count(Artist.id))
    columns = {
        "total_videos": _one(videos),
        "wanted_videos": _one(videos.where(Video.status == VideoStatus.WANTED)),
        "downloaded_videos": _one(videos.where(Video.status == VideoStatus.DOWNLOADED)),
        "total_artists": _one(artists),
        "monitored_artists": _one(artists.where(Artist.monitored.is_(True))),
        "recent_discoveries": _one(videos.where(Video.discovered_date >= recent_since)),
        "key": _stored_key(),
    }
    return (await session.execute(select(*(column.label(name) for name, column in columns.items())))).one()


async def artist_and_key(session: AsyncSession, artist_id: int) -> Record | None:
    """The `name` of an artist, and the `key` of IMVDb at this moment."""
    query = select(Artist.name, _stored_key().label("key")).where(Artist.id == artist_id)
    return (await session.execute(query)).one_or_none()


async def monitored_artists(session: AsyncSession) -> Sequence[Record]:
    """`id`, `name` and `last_discovery` of every monitored artist."""
    columns = (Artist.id, Artist.name, Artist.last_discovery)
    rows: Sequence[Record] = (
        await session.execute(select(*columns).where(Artist.monitored.is_(True)).order_by(Artist.id))
    ).all()
    return rows


async def known_videos(session: AsyncSession, artist_id: int, found: Iterable[Finding] = ()) -> Known:
    """What the library has of an artist, and of the videos found wherever they are."""
    columns = (Video.artist_id, Video.imvdb_id, Video.title, Video.url, Video.youtube_url, Video.youtube_id)
    ids = [str(finding.imvdb_id) for finding in found]
    rows = await session.execute(select(*columns).where(or_(Video.artist_id == artist_id, Video.imvdb_id.in_(ids))))
    return known(rows, artist_id)


def add_videos(session: AsyncSession, artist_id: int, found: Iterable[Finding], at: datetime) -> None:
    session.add_all(_video(artist_id, finding, at) for finding in found)


async def date_discovery(session: AsyncSession, artist_id: int, at: datetime) -> None:
    """Notes that an artist was looked for."""
    await session.execute(update(Artist).where(Artist.id == artist_id).values(last_discovery=at))


def _video(artist_id: int, finding: Finding, at: datetime) -> Video:
    """The row as 0.9 made it, with the year and the directors in their columns, too."""
    return Video(
        artist_id=artist_id,
        title=finding.title,
        imvdb_id=str(finding.imvdb_id),
        youtube_id=finding.youtube_id,
        youtube_url=finding.url if finding.youtube_id else None,
        url=finding.url,
        thumbnail_url=finding.thumbnail_url,
        year=finding.year,
        directors=finding.directors,
        source=finding.source,
        status=VideoStatus.WANTED,
        discovered_date=at,
        video_metadata={
            "source": finding.source,
            "channel_name": "",
            "directors": finding.directors,
            "year": finding.year,
            "song_title": finding.song_title,
        },
    )


def _stored_key() -> ScalarSelect[Any]:
    return _one(select(Setting.value).where(Setting.key == KEY))


def _one(query: Select[Any]) -> ScalarSelect[Any]:
    return query.scalar_subquery()
