"""What changes with a download's job, whoever changes it: the runner, the reaper, a person. See `jobs/following.py`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.downloads import incoming
from fastapi_app.downloads.preferences import read
from fastapi_app.indexing.walk import real_folder
from fastapi_app.jobs.states import State
from fastapi_app.media.paths import Roots
from fastapi_app.models import Video, VideoStatus

_AFTERWARDS = {State.FAILED: VideoStatus.FAILED, State.CANCELLED: VideoStatus.WANTED}
_RETRIED = (VideoStatus.FAILED, VideoStatus.WANTED)


def write(session: Session, payloads: Sequence[dict[str, Any]], state: State) -> None:
    """A video is being downloaded while its job is under way, and afterwards has the film that it had, or none.

    `payloads` are those of jobs that are all in `state` now. A success is never touched.
    """
    named = [payload.get("video_id") for payload in payloads]
    video_ids = sorted(video_id for video_id in named if isinstance(video_id, int))
    if not video_ids or state is State.COMPLETED:
        return
    change = update(Video).where(Video.id.in_(video_ids)).execution_options(synchronize_session="fetch")
    if state in _AFTERWARDS:
        downloading = change.where(Video.status == VideoStatus.DOWNLOADING)
        session.execute(downloading.where(Video.local_path.is_not(None)).values(status=VideoStatus.DOWNLOADED))
        session.execute(downloading.values(status=_AFTERWARDS[state]))
    else:
        session.execute(change.where(Video.status.in_(_RETRIED)).values(status=VideoStatus.DOWNLOADING))


def clean(config: Config, job_id: int) -> None:
    """Removes the partial files of a job that has ended. Raises nothing; what can't go now is swept later."""
    engine = blocking_engine(config)
    try:
        with Session(engine) as session:
            stored = read(session).library
    except SQLAlchemyError:
        return
    finally:
        engine.dispose()
    library = real_folder(Roots.of(config), stored)
    if library is not None:
        incoming.drop(library, job_id)
