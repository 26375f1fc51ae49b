"""What the library lacks, and why: a page of videos in the order of their artists."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.downloads.payload import video_subject
from fastapi_app.jobs.states import State
from fastapi_app.models import Artist, Download, Job, Video, VideoStatus
from fastapi_app.pages.wanted.rules import After, Lack
from fastapi_app.transaction import Record

_STATUSES: Mapping[Lack, VideoStatus] = {
    Lack.WANTED: VideoStatus.WANTED,
    Lack.FAILED: VideoStatus.FAILED,
    Lack.MISSING: VideoStatus.DOWNLOADED,
}


async def counts(session: AsyncSession) -> dict[Lack, int]:
    """How many are wanted, and how many failed. Missing files are found by looking for them."""
    query = select(Video.status, func.count()).group_by(Video.status)
    by_status: dict[VideoStatus | None, int] = {status: number for status, number in await session.execute(query)}  # noqa: C416
    return {lack: by_status.get(_STATUSES[lack], 0) for lack in (Lack.WANTED, Lack.FAILED)}


async def page(session: AsyncSession, lack: Lack, after: After | None, limit: int) -> Sequence[Record]:
    """At most `limit` videos behind `after`; for missing files those that should have one."""
    rows: Sequence[Record] = (await session.execute(_page(lack, after).limit(limit))).all()
    return rows


async def reasons(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    """Why the last download of each failed, as far as anybody noted it."""
    if not ids:
        return {}
    subjects = {video_subject(video_id): video_id for video_id in ids}
    of_rows = select(Download.video_id, Download.error_message).where(
        Download.video_id.in_(ids), Download.error_message.is_not(None)
    )
    found = {
        video_id: message
        for video_id, message in await session.execute(of_rows.order_by(Download.id))
        if video_id is not None and message
    }
    of_jobs = select(Job.subject, Job.error_message).where(
        Job.subject.in_(subjects), Job.state == State.FAILED, Job.error_message.is_not(None)
    )
    for subject, message in await session.execute(of_jobs.order_by(Job.id)):
        found[subjects[subject]] = message or ""
    return found


def _page(lack: Lack, after: After | None) -> Select[Any]:
    columns: tuple[Any, ...] = (Video.id, Video.title, Video.artist_id, Artist.name.label("artist"), Video.year)
    query: Select[Any] = select(*columns, Video.local_path).join(Artist, Artist.id == Video.artist_id)
    query = query.where(Video.status == _STATUSES[lack])
    if lack is Lack.MISSING:
        query = query.where(Video.local_path.is_not(None))
    if after is not None:
        query = query.where(_behind(after))
    return query.order_by(Video.artist_id, Video.id)


def _behind(after: After) -> ColumnElement[bool]:
    same = and_(Video.artist_id == after.artist_id, Video.id > after.video_id)
    return and_(Video.artist_id >= after.artist_id, or_(Video.artist_id > after.artist_id, same))
