"""All that rows say about a download before it begins."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.downloads.failures import ErrorClass, failure
from fastapi_app.downloads.library import Library, open_library
from fastapi_app.downloads.payload import Download
from fastapi_app.downloads.preferences import Preferences, read
from fastapi_app.downloads.submitting import completed
from fastapi_app.jobs.work import Work
from fastapi_app.models import Job, Video


@dataclass(frozen=True)
class Order:
    """What to fetch, how, and into which library. `current` is the stored path of the film that is there."""

    payload: Download
    preferences: Preferences
    library: Library
    current: str | None
    attempt_limit: int

    @property
    def quality(self) -> str:
        return self.payload.quality or self.preferences.quality

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the subtitles to fetch, none for none."""
        wants = self.preferences.subtitles if self.payload.subtitles is None else self.payload.subtitles
        return tuple(self.payload.subtitle_languages or self.preferences.languages) if wants else ()


def read_order(session: Session, work: Work) -> Order:
    """Raises Failed of class `not-found`, and QueueBlocked where the library can't be written to."""
    payload = Download.model_validate(work.task.payload)
    video = session.get(Video, payload.video_id) if payload.video_id is not None else None
    if payload.video_id is not None and video is None:
        raise failure(ErrorClass.NOT_FOUND, "The video was deleted")
    preferences = read(session)
    library = open_library(session, work.config, preferences.library, preferences.free_bytes)
    limit = session.scalar(select(Job.attempt_limit).where(Job.id == work.task.id)) or 1
    current = video.local_path if video is not None else None
    return Order(_renamed(payload, video), preferences, library, current, limit)


def _renamed(payload: Download, video: Video | None) -> Download:
    """The payload with the names that the row has now: it may have been renamed since the job was handed in."""
    if video is None:
        return payload
    return completed(payload, video).model_copy(update={"artist": video.artist.name, "title": video.title})
