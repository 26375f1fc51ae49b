"""What the library lacks, and why: a page of videos in the order of their artists."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.downloads.payload import video_subject
from fastapi_app.jobs.states import State
from fastapi_app.models import Artist, Download, Job, Video
from fastapi_app.pages.wanted.rules import STATUSES, After, Lack
from fastapi_app.transaction import Record

_SHOWN: tuple[Any, ...] = (
    Video.id,
    Video.title,
    Video.artist_id,
    Artist.name.label("artist"),
    Video.year,
    Video.local_path,
)
_ORDER = (Video.artist_id, Video.id)


async def page(session: AsyncSession, lack: Lack, after: After | None, limit: int) -> Sequence[Record]:
    """At most `limit` videos behind `after`; for missing files those that should have one."""
    chosen = _ids(lack, after).limit(limit).subquery("chosen")
    query = select(*_SHOWN).prefix_with("STRAIGHT_JOIN", dialect="mysql").select_from(chosen)
    query = query.join(Video, Video.id == chosen.c.id).join(Artist, Artist.id == Video.artist_id)
    rows: Sequence[Record] = (await session.execute(query.order_by(*_ORDER))).all()
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


def _ids(lack: Lack, after: After | None) -> Select[Any]:
    """Which videos: their index has the order, and the artists would be sorted by it."""
    query: Select[Any] = select(Video.id).where(Video.status == STATUSES[lack])
    if lack is Lack.MISSING:
        query = query.where(Video.local_path.is_not(None))
    if after is not None:
        query = query.where(_behind(after))
    return query.order_by(*_ORDER)


def _behind(after: After) -> ColumnElement[bool]:
    same = and_(Video.artist_id == after.artist_id, Video.id > after.video_id)
    return and_(Video.artist_id >= after.artist_id, or_(Video.artist_id > after.artist_id, same))
