"""Wanted videos handed in without anybody asking. What the job of kind `auto-download` runs."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.downloads.payload import AutoDownload, Download, video_subject
from fastapi_app.downloads.schedule import most_videos, read_settings
from fastapi_app.downloads.submitting import submit_download
from fastapi_app.jobs.work import Done, Work
from fastapi_app.models import Artist, Video, VideoStatus


def submit_wanted(work: Work) -> Done:
    """Hands in the wanted videos, oldest first, as many as the settings say: together with the end of this job."""
    payload = AutoDownload.model_validate(work.task.payload)
    with work.session() as session:
        limit = payload.limit or most_videos(read_settings(session))
        query = select(Video.id, Video.title, Artist.name).join(Artist).where(Video.status == VideoStatus.WANTED)
        wanted = session.execute(query.order_by(Video.created_at, Video.id).limit(limit)).all()
    results = [
        {"video_id": row.id, "title": row.title, "artist": row.name, "subject": video_subject(row.id), "success": True}
        for row in wanted
    ]

    def write(session: Session) -> None:
        for row in wanted:
            if session.get(Video, row.id) is not None:
                submit_download(session, Download(video_id=row.id), user_id=work.task.user_id)

    told = {"total_wanted": len(results), "success_count": len(results), "failed_count": 0, "results": results}
    return Done(told, write)
