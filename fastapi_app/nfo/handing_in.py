"""Handing in work on files for media servers: after a download, after an edit, for all."""

from collections.abc import Sequence

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from fastapi_app.errors import Conflict
from fastapi_app.jobs.submission import Submission, submit
from fastapi_app.models import Artist, Video
from fastapi_app.nfo import kinds
from fastapi_app.nfo.payload import WriteNfo
from fastapi_app.nfo.preferences import read

_FEW = 20
"""Beyond so many edited videos, one job looks at all."""
_OFF = "Switch on NFO files or artwork first: the settings write_nfo and write_artwork are off"


def after_download(session: Session, video_id: int | None) -> None:
    """A job for the video, where the settings ask for it. In the transaction that tells the row of its film."""
    if video_id is None or not read(session).wants_any:
        return
    title = session.scalar(select(Video.title).where(Video.id == video_id))
    if title is not None:
        payload = WriteNfo(title=title, video_id=video_id).model_dump(mode="json")
        submit(session, kinds.WRITE, kinds.subject(video_id), payload)


async def after_edit(request: Request, session: AsyncSession, video_ids: Sequence[int]) -> None:
    """Jobs for edited videos that have a film, where the settings ask for it. Call it before the commit."""
    made = await session.run_sync(_submit_edited, video_ids) if video_ids else []
    for each in made:
        if each.created:
            request.state.jobs.after_commit(session, each.job)


async def for_all(request: Request, session: AsyncSession, *, replace: bool, user_id: int | None) -> Submission:
    """A job for the whole library, or the one under way. Raises Conflict where the settings ask for nothing."""
    wanted = await session.run_sync(read)
    if not wanted.wants_any:
        raise Conflict(_OFF)
    made = await session.run_sync(_submit_all, replace, user_id)
    if made.created:
        request.state.jobs.after_commit(session, made.job)
    return made


def _submit_edited(session: Session, video_ids: Sequence[int]) -> list[Submission]:
    if not read(session).wants_any:
        return []
    if len(video_ids) > _FEW:
        return [_submit_all(session, replace=False, user_id=None)]
    rows = select(Video.id, Video.title).where(Video.id.in_(video_ids), Video.local_path.is_not(None))
    found = session.execute(rows.join(Artist, Artist.id == Video.artist_id).order_by(Video.id)).all()
    return [
        submit(session, kinds.WRITE, kinds.subject(row.id), WriteNfo(title=row.title, video_id=row.id).model_dump())
        for row in found
    ]


def _submit_all(session: Session, replace: bool, user_id: int | None) -> Submission:
    payload = WriteNfo(replace=replace).model_dump(mode="json")
    return submit(session, kinds.WRITE, kinds.ALL, payload, user_id=user_id)
