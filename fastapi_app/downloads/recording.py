"""What the rows say of a film once it is in the library. Everything here can be done again without harm."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event, or_, select
from sqlalchemy.orm import Session

from fastapi_app.downloads.plan import Plan
from fastapi_app.media.paths import Roots
from fastapi_app.models import Download, Video, VideoStatus, now
from fastapi_app.videos.films.folders import spellings_of

_FILLED = ("description", "view_count", "like_count", "year", "youtube_id", "youtube_url", "url")
"""Columns that only get a value where they have none: what a person or IMVDb wrote is better."""


def is_named_by_another(session: Session, roots: Roots, stored: str, video_id: int | None) -> bool:
    """Whether the row of another video says that its film is at `stored`, however it spells that."""
    query = select(Video.id).where(or_(*(Video.local_path == one for one in spellings_of(roots, stored))))
    if video_id is not None:
        query = query.where(Video.id != video_id)
    return session.scalar(query.limit(1)) is not None


def completed(session: Session, plan: Plan, video_id: int | None, download_id: int | None) -> None:
    """The video has its film, and the row of its download says where. A row that is gone stays gone."""
    video = session.get(Video, video_id) if video_id is not None else None
    if video is not None:
        _tell_video(video, plan)
    row = session.get(Download, download_id) if download_id is not None else None
    if row is not None:
        row.file_path = plan.target
        row.file_size = min(plan.size, 2**31 - 1)
        row.format = plan.target.rpartition(".")[2][:50]
        row.quality = plan.facts.get("quality") or row.quality
        row.original_url = row.original_url or str(plan.facts.get("url") or "")[:500]
        row.download_date = now()


def _tell_video(video: Video, plan: Plan) -> None:
    facts = plan.facts
    video.status = VideoStatus.DOWNLOADED
    video.local_path = plan.target
    video.duration = facts.get("duration") or video.duration
    video.quality = facts.get("quality") or video.quality
    for column in _FILLED:
        if getattr(video, column) is None and facts.get(column) is not None:
            setattr(video, column, facts[column])
    if not video.thumbnail_path and facts.get("thumbnail_path"):
        video.thumbnail_path = facts["thumbnail_path"]
        video.thumbnail_source = facts.get("thumbnail_source")
        video.thumbnail_uploaded_at = now()


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Calls `call` once the rows name the new film, and never where the transaction is rolled back."""

    def committed(done: Session) -> None:
        if not done.in_nested_transaction():
            call()

    event.listen(session, "after_commit", committed)


def result_of(plan: Plan) -> dict[str, Any]:
    """What the job answers."""
    shown = ("duration", "height", "width", "quality", "codec", "warnings")
    return {
        "path": plan.target,
        "bytes": plan.size,
        "replaced": plan.replaces,
        "extras": sorted(plan.extras.values()),
        **{name: plan.facts.get(name) for name in shown},
    }
