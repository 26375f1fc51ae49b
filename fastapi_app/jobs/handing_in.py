"""A person's wish becomes a row."""

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.downloads.addresses import is_askable
from fastapi_app.downloads.payload import Download, address_subject
from fastapi_app.downloads.submitting import submit_download
from fastapi_app.errors import BadField, NotFound
from fastapi_app.jobs import rules
from fastapi_app.jobs.catalogue import KINDS
from fastapi_app.jobs.submission import Submission, submit
from fastapi_app.models import Video


async def hand_in(session: AsyncSession, wish: rules.Wish, user_id: int | None) -> Submission:
    """The new job, or the one under way for the same. Raises BadField, BadRequest, and NotFound for a video."""
    kind = KINDS[wish.kind]
    payload = rules.payload(kind, wish.options)
    url = _address(payload)
    if isinstance(payload, Download):
        if payload.video_id is None and not url:
            raise BadField("url", "given, or video_id")
        # Held until the end: the session forgets a row that nobody holds, and would read it again.
        video = await session.get(Video, payload.video_id) if payload.video_id is not None else None
        if payload.video_id is not None and video is None:
            raise NotFound("Video not found")
        return await session.run_sync(submit_download, payload, user_id=user_id, priority=wish.priority)
    subject, given = address_subject(url), payload.model_dump(mode="json")
    return await session.run_sync(submit, kind, subject, given, user_id=user_id, priority=wish.priority)


def _address(payload: BaseModel) -> str:
    url: str | None = getattr(payload, "url", None)
    if url and not is_askable(url):
        raise BadField("url", "an address that begins with http:// or https://")
    return url or ""
