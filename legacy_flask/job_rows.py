"""Downloads as rows of jobs: handing them in, stopping them, trying them again. Both sides read and write them."""

from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Update, case, func, null, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Download, Job, Video, VideoStatus, now
from legacy_flask.download_names import subject
from legacy_flask.errors import Conflict

KIND, QUEUE, EXECUTOR = "download", "downloads", "legacy"
CLAIMABLE = ("queued", "retrying")
WAITING = (*CLAIMABLE, "paused")
ENDED = ("completed", "failed", "cancelled")
STATUS = {
    "queued": "pending",
    "retrying": "pending",
    "running": "downloading",
    "paused": "paused",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "stopped",
}
"""0.9's word for every state."""
ATTEMPT = 1_000_000
_ATTEMPTS = 1
"""0.9 tried once. What a person tries again is tried once more."""
_NORMAL = 5
_SILENCE = timedelta(seconds=30)
_URL_LENGTH = 500
_UNTOLD = ("stage", "percent", "speed", "eta", "bytes_done", "bytes_total", "message")
_FAILED = ("error_class", "error_message", "error_log", "started_at", "heartbeat_at", "finished_at")


class Wish(NamedTuple):
    """A film to download. Without `url` it is searched for; `subtitles` None is as the settings say."""

    artist: str
    title: str
    url: str | None = None
    video_id: int | None = None
    quality: str = ""
    subtitles: bool | None = None

    def payload(self) -> dict[str, Any]:
        return {**self._asdict(), "subtitle_languages": None}


def submit(session: Session, wish: Wish, user_id: int | None) -> Job:
    """The job about this film that is under way, or a new one; its rows of downloads and videos tell of it."""
    about = subject(wish.video_id, wish.url, wish.artist, wish.title)
    key = f"{KIND} {about}"
    found = _under_way(session, key)
    if found is not None:
        return found
    moment = now()
    job = Job(
        kind=KIND,
        subject=about,
        active_key=key,
        queue=QUEUE,
        state="queued",
        executor=EXECUTOR,
        payload=wish.payload(),
        user_id=user_id,
        attempt_limit=_ATTEMPTS,
        due_at=moment,
        created_at=moment,
        updated_at=moment,
    )
    try:
        with session.begin_nested():
            session.add(job)
            session.flush()
    except IntegrityError:
        found = _under_way(session, key)
        if found is None:
            raise
        return found
    job.position = job.id
    job.download_id = _download(session, wish)
    session.flush()
    _await_film(session, wish.video_id)
    return job


def cancel(session: Session, job: Job) -> None:
    """Ends a download that waits, and asks one that runs to end. One that ended meanwhile stays as it is."""
    session.flush()
    ended = {"state": "cancelled", "active_key": None, "finished_at": now(), "cancel_requested": True}
    waits = (Job.id == job.id, Job.state.in_(WAITING))
    if changed(session, update(Job).where(*waits).values(**ended, sequence=Job.sequence + 1)):
        tell(session, job, "cancelled")
        return
    silent = (Job.id == job.id, Job.state == "running", Job.executor == EXECUTOR, Job.heartbeat_at < now() - _SILENCE)
    if changed(session, update(Job).where(*silent).values(**ended, sequence=Job.sequence + 1)):  # its thread is gone
        tell(session, job, "cancelled")
        return
    runs = (Job.id == job.id, Job.state == "running")
    changed(session, update(Job).where(*runs).values(cancel_requested=True, sequence=Job.sequence + 1))


def retry(session: Session, job: Job) -> bool:
    """Lets a download that failed or was stopped begin anew, here; False where it did neither.

    Raises Conflict while another one is under way for the same film.
    """
    values = {
        **dict.fromkeys((*_UNTOLD, *_FAILED)),
        "result": null(),  # not JSON's own
        "state": "queued",
        "executor": EXECUTOR,
        "active_key": f"{job.kind} {job.subject}",
        "attempts": 0,
        "attempt_limit": _ATTEMPTS,
        "cancel_requested": False,
        "pause_requested": False,
        "due_at": now(),
        "sequence": Job.sequence - Job.sequence % ATTEMPT + ATTEMPT,
    }
    again = update(Job).where(Job.id == job.id, Job.state.in_(("failed", "cancelled"))).values(values)
    try:
        with session.begin_nested():
            done = bool(changed(session, again))
    except IntegrityError:
        raise Conflict("This film is being downloaded already", success=False) from None
    if done:
        tell(session, job, "queued")
    return done


def tell(session: Session, job: Job, state: str, percent: float | None = None, error: str | None = None) -> None:
    """Lets the row of 0.9's downloads show what became of a job, and the video where the download is over."""
    if job.download_id is not None:
        values: dict[str, Any] = {"status": STATUS[state], "error_message": error}
        if percent is not None:
            values["progress"] = int(percent)
        changed(session, update(Download).where(Download.id == job.download_id).values(values))
    video_id = job.payload.get("video_id") if isinstance(job.payload, dict) else None
    video = update(Video).where(Video.id == video_id)
    if state == "queued":
        retried = video.where(Video.status.in_((VideoStatus.FAILED, VideoStatus.WANTED)))
        changed(session, retried.values(status=VideoStatus.DOWNLOADING))
    elif state in ("failed", "cancelled"):
        given_up = video.where(Video.status == VideoStatus.DOWNLOADING)
        changed(session, given_up.values(status=_without_film(state)))


def changed(session: Session, statement: Update) -> int:
    """How many rows a conditional update changed."""
    return int(session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _without_film(state: str) -> ColumnElement[VideoStatus]:
    """What a video is when its download brought nothing: as before where it has a film, else wanted or failed."""
    otherwise = VideoStatus.FAILED if state == "failed" else VideoStatus.WANTED
    chosen: ColumnElement[VideoStatus] = case((Video.local_path.is_not(None), VideoStatus.DOWNLOADED), else_=otherwise)
    return chosen


def _await_film(session: Session, video_id: int | None) -> None:
    """The video says that it is being downloaded, unless it says so or has a film already: that stays watchable."""
    has_film = (Video.status == VideoStatus.DOWNLOADED) & (func.coalesce(Video.local_path, "") != "")
    says_so = Video.status == VideoStatus.DOWNLOADING
    video = update(Video).where(Video.id == video_id, or_(Video.status.is_(None), ~(has_film | says_so)))
    changed(session, video.values(status=VideoStatus.DOWNLOADING))


def _download(session: Session, wish: Wish) -> int | None:
    """The row that shows the download to 0.9's routes: the video's of an earlier try, or a new one. It needs an artist.

    Answers its id.
    """
    artist_id = _artist_of(session, wish)
    if artist_id is None:
        return None
    row = None
    if wish.video_id is not None:
        rows = session.query(Download).filter(Download.video_id == wish.video_id)
        unfinished = rows.filter(Download.status.is_distinct_from("completed"))
        row = unfinished.order_by(Download.id.desc()).first()
    if row is None:
        row = Download(artist_id=artist_id, video_id=wish.video_id)
        session.add(row)
    row.title, row.original_url = wish.title, (wish.url or "")[:_URL_LENGTH]
    row.quality = wish.quality or row.quality
    row.status, row.priority, row.progress, row.error_message = "pending", _NORMAL, 0, None
    session.flush()
    return row.id


def _artist_of(session: Session, wish: Wish) -> int | None:
    by_video = session.query(Video.artist_id).filter(Video.id == wish.video_id)
    by_name = session.query(Artist.id).filter(Artist.name == wish.artist).order_by(Artist.id)
    found = (by_name if wish.video_id is None else by_video).first()
    return found[0] if found is not None else None


def _under_way(session: Session, key: str) -> Job | None:
    found: Job | None = session.query(Job).filter(Job.active_key == key).first()
    return found
