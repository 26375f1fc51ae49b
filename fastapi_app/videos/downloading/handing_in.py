"""Handing in downloads of videos: one, or what is wanted."""

from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.downloads.payload import Download
from fastapi_app.downloads.submitting import submit_download
from fastapi_app.jobs.dispatch import Messenger
from fastapi_app.transaction import Record
from fastapi_app.videos.downloading import queries, rules


async def hand_in(session: AsyncSession, told: Messenger, row: Record, user_id: int | None) -> int:
    """The id of the job for a video, which is one of `queries`."""
    wanted = Download(
        video_id=row.id,
        url=rules.address(row.url, row.youtube_url, row.youtube_id),
        artist=row.artist if row.artist is not None else "Unknown",
        title=row.title,
    )
    made = await session.run_sync(partial(submit_download, payload=wanted, user_id=user_id))
    told.after_commit(session, made.job)
    return made.job.id


async def hand_in_wanted(session: AsyncSession, told: Messenger, limit: int, user_id: int | None) -> dict[str, Any]:
    """Hands in wanted videos, the oldest first, and tells what became of each."""
    results: list[dict[str, Any]] = []
    for row in await queries.wanted(session, limit):
        job_id = await hand_in(session, told, row, user_id)
        shown = {"video_id": row.id, "title": row.title, "artist": row.artist}
        results.append({**shown, "success": True, "download_id": job_id})
    return rules.told_wanted(results)
