"""The SQL of the page about one video. Each looks at a few rows, by an index."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from fastapi_app.downloads.payload import video_subject
from fastapi_app.jobs.visibility import View
from fastapi_app.models import Artist, Job, Video
from fastapi_app.pages.cards import VideoRow
from fastapi_app.pages.downloads.queries import JOB_COLUMNS, QUEUE
from fastapi_app.transaction import Record

_SHOWN: tuple[Any, ...] = (
    Video.id,
    Video.title,
    Video.artist_id,
    Artist.name.label("artist"),
    Video.status,
    Video.year,
    Video.duration,
    Video.quality,
    Video.genres,
    Video.directors,
    Video.producers,
    Video.description,
    Video.view_count,
    Video.source,
    Video.imvdb_id,
    Video.youtube_id,
    Video.youtube_url,
    Video.url,
    Video.local_path,
    Video.thumbnail_path,
    Video.created_at,
)


async def video(session: AsyncSession, video_id: int) -> Record | None:
    query = select(*_SHOWN).outerjoin(Artist, Artist.id == Video.artist_id).where(Video.id == video_id)
    return (await session.execute(query)).one_or_none()


async def neighbours(session: AsyncSession, of: Record) -> tuple[Record | None, Record | None]:
    """`id` and `title` of the artist's videos before and after, by title."""
    title: ColumnElement[str] = Video.title  # type: ignore[assignment]
    before = or_(title < of.title, and_(title == of.title, Video.id < of.id))
    after = or_(title > of.title, and_(title == of.title, Video.id > of.id))
    query = select(Video.id, Video.title).where(Video.artist_id == of.artist_id).limit(1)
    return (
        (await session.execute(query.where(before).order_by(title.desc(), Video.id.desc()))).one_or_none(),
        (await session.execute(query.where(after).order_by(title, Video.id))).one_or_none(),
    )


async def others(session: AsyncSession, of: Record, most: int) -> list[VideoRow]:
    """Other videos of the artist, the newest years first."""
    columns = (Video.year, Video.duration, Video.status, Video.thumbnail_path, Video.local_path)
    query = select(Video.id, Video.title, *columns).where(Video.artist_id == of.artist_id, Video.id != of.id)
    rows = await session.execute(query.order_by(Video.year.desc(), Video.title, Video.id).limit(most))
    return [VideoRow(artist_id=of.artist_id, artist=of.artist or "", **row._asdict()) for row in rows]


async def last_job(session: AsyncSession, view: View, video_id: int) -> Job | None:
    """The latest download of the video that the visitor may see."""
    query = select(Job).options(load_only(*JOB_COLUMNS))
    query = query.where(Job.subject == video_subject(video_id), Job.queue == QUEUE, view.condition())
    return await session.scalar(query.order_by(Job.id.desc()).limit(1))
