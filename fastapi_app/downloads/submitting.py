"""Handing in a download: the job, 0.9's row of `downloads`, and the video's status, in one transaction."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.downloads import kinds
from fastapi_app.downloads.payload import Download, subject
from fastapi_app.jobs.submission import NORMAL, Submission, submit
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.models import Download as Row

_URL_LENGTH = 500


def submit_download(
    session: Session, payload: Download, *, user_id: int | None = None, priority: int = NORMAL
) -> Submission:
    """A job for `payload`, or the one under way for it. From async code: `await session.run_sync(submit_download, …)`.

    What the payload leaves open is filled from the row of its video. Wake the queue after the commit.
    """
    video = session.get(Video, payload.video_id) if payload.video_id is not None else None
    whole = completed(payload, video)
    made = submit(
        session, kinds.DOWNLOAD, subject(whole), whole.model_dump(mode="json"), user_id=user_id, priority=priority
    )
    if not made.created:
        return made
    row = _row(session, whole, video, priority)
    if row is not None:
        session.flush()
        made.job.download_id = row.id
    if video is not None and not _is_there(video):
        video.status = VideoStatus.DOWNLOADING
    session.flush()  # what is told of the job from here on is what is stored
    return made


def completed(payload: Download, video: Video | None) -> Download:
    """The payload with what the video's row says where it says nothing itself. Pure, but for the artist's name."""
    if video is None:
        return payload
    return payload.model_copy(
        update={
            "url": payload.url or video.url or video.youtube_url or None,
            "artist": payload.artist or video.artist.name,
            "title": payload.title or video.title,
        }
    )


def _row(session: Session, payload: Download, video: Video | None, priority: int) -> Row | None:
    """The video's row that is not completed, else a new one; None where the artist has no row either."""
    artist_id = video.artist_id if video is not None else _artist_id(session, payload.artist)
    if artist_id is None:
        return None
    row = _open_row(session, video.id) if video is not None else None
    if row is None:
        row = Row(artist_id=artist_id, video_id=video.id if video is not None else None)
        session.add(row)
    row.title = payload.title[:500]
    row.original_url = (payload.url or "")[:_URL_LENGTH]
    row.status, row.priority, row.progress, row.error_message = "pending", priority, 0, None
    row.quality = payload.quality or row.quality
    return row


def _open_row(session: Session, video_id: int) -> Row | None:
    query = select(Row).where(Row.video_id == video_id, Row.status.is_distinct_from("completed"))
    return session.scalar(query.order_by(Row.id.desc()).limit(1))


def _artist_id(session: Session, name: str) -> int | None:
    if not name:
        return None
    return session.scalar(select(Artist.id).where(Artist.name == name).order_by(Artist.id).limit(1))


def _is_there(video: Video) -> bool:
    """A film that is there stays watchable while another is fetched."""
    return video.status is VideoStatus.DOWNLOADED and bool(video.local_path)
