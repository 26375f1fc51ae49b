"""What a download thread writes about its job. Every write asks whether the job is still the thread's own."""

import os
import secrets
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Engine, Update, case, exists, update
from sqlalchemy.orm import Session

from fastapi_app.models import INTEGER_MAX, WRITES, Download, Job, JobQueue, Setting, Video, VideoStatus, now
from legacy_flask.job_rows import ATTEMPT, CLAIMABLE, EXECUTOR, KIND, WAITING, changed, tell

_MESSAGE, _LOG = 500, 20_000
_FORGOTTEN = ("stage", "percent", "speed", "eta", "bytes_done", "bytes_total", "message")


class Claim(NamedTuple):
    """A job that is this thread's as long as the row holds `token`."""

    job_id: int
    token: str
    payload: dict[str, Any]


class Progress(NamedTuple):
    """How far a download is: bytes, bytes a second, seconds."""

    percent: float | None = None
    speed: int | None = None
    eta: int | None = None
    bytes_done: int | None = None
    bytes_total: int | None = None


class Film(NamedTuple):
    """A film in its place. `stored` is its stored path, `seconds` its length."""

    stored: str
    size: int
    seconds: float


class Asked(NamedTuple):
    """What somebody asked of a running job."""

    cancel: bool
    pause: bool


def waiting(engine: Engine) -> list[int]:
    """The downloads that wait for a thread of this side, the first one first."""
    with Session(engine) as session:
        rows = session.query(Job.id).filter(Job.kind == KIND, Job.executor == EXECUTOR, Job.state.in_(CLAIMABLE))
        return [row.id for row in rows.order_by(Job.priority, Job.position, Job.id)]


def still_waits(engine: Engine, job_id: int) -> bool:
    """Whether a job that could not be claimed may be claimed later: it is paused, or its queue is, or it is not due."""
    with Session(engine) as session:
        found = session.query(Job.state, Job.executor).filter(Job.id == job_id).first()
        return found is not None and found.executor == EXECUTOR and found.state in WAITING


def claim(engine: Engine, job_id: int) -> Claim | None:
    """Takes a job that is due, unless somebody was quicker, its queue is paused, or it was cancelled."""
    token = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(8)}"
    moment = now()
    paused = exists().where(JobQueue.name == Job.queue, JobQueue.paused_at.is_not(None))
    mine = (Job.id == job_id, Job.executor == EXECUTOR, Job.state.in_(CLAIMABLE))
    begun = (Job.attempts + 1) * ATTEMPT
    values: dict[str, Any] = {
        # Before `attempts`: MariaDB assigns from left to right.
        "sequence": case((Job.sequence + 1 > begun, Job.sequence + 1), else_=begun),
        "attempts": Job.attempts + 1,
        "state": "running",
        "claim": token,
        "started_at": moment,
        "heartbeat_at": moment,
        "pause_requested": False,
        **dict.fromkeys(_FORGOTTEN),
    }
    free = update(Job).where(*mine, Job.due_at <= moment, Job.cancel_requested.is_(False), ~paused)
    with _writing(engine) as session, session.begin():
        if not changed(session, free.values(values)):
            return None
        job = session.get_one(Job, job_id)
        tell(session, job, "running", percent=0)
        return Claim(job_id, token, dict(job.payload))


def beat(engine: Engine, mine: Claim, progress: Progress) -> Asked | None:
    """Says that the thread lives and how far it is. None: the job was taken away, and nothing was written."""
    values = {**progress._asdict(), "heartbeat_at": now(), "sequence": Job.sequence + 1}
    with _writing(engine) as session, session.begin():
        if not changed(session, _held(mine).values(values)):
            return None
        job = session.get_one(Job, mine.job_id)
        if job.download_id is not None and progress.percent is not None:
            row = update(Download).where(Download.id == job.download_id)
            changed(session, row.values(progress=int(progress.percent)))
        return Asked(job.cancel_requested, job.pause_requested)


def look(engine: Engine, mine: Claim) -> Asked | None:
    """What was asked of the job, None where it was taken away. Writes nothing."""
    with Session(engine) as session:
        held = (Job.id == mine.job_id, Job.claim == mine.token, Job.state == "running")
        found = session.query(Job.cancel_requested, Job.pause_requested).filter(*held).first()
        return None if found is None else Asked(*found)


def complete(engine: Engine, mine: Claim, film: Film) -> bool:
    """Writes the film down: in the job, its row of downloads, and its video. False: the job was taken away."""
    result = {"path": film.stored, "bytes": film.size, "duration": round(film.seconds)}
    values = {
        "result": result,
        "percent": 100.0,
        "eta": 0,
        **dict.fromkeys(("error_class", "error_message", "error_log")),
    }

    def write(session: Session, job: Job) -> None:
        tell(session, job, "completed", percent=100)
        row = update(Download).where(Download.id == job.download_id)
        suffix = film.stored.rpartition(".")[2]
        size = min(film.size, INTEGER_MAX)
        changed(session, row.values(file_path=film.stored, file_size=size, format=suffix, download_date=now()))
        video = update(Video).where(Video.id == mine.payload.get("video_id"))
        changed(session, video.values(status=VideoStatus.DOWNLOADED, local_path=film.stored))

    return _end(engine, mine, "completed", values, write)


def fail(engine: Engine, mine: Claim, kind: str, message: str, log: str = "") -> bool:
    """Ends the job as failed, with the last lines that were said. False: the job was taken away."""
    said = message[:_MESSAGE]
    values = {"error_class": kind, "error_message": said, "error_log": log[-_LOG:] or None}
    return _end(engine, mine, "failed", values, lambda session, job: tell(session, job, "failed", error=said))


def stop(engine: Engine, mine: Claim, state: str) -> bool:
    """Ends the attempt because somebody asked for it: `cancelled` or `paused`. False: the job was taken away."""
    return _end(engine, mine, state, {}, lambda session, job: tell(session, job, state))


def settings(engine: Engine, *names: str) -> dict[str, str]:
    """Settings by name; what is missing or null is empty."""
    with Session(engine) as session:
        rows = session.query(Setting).filter(Setting.key.in_(names)).all()
        found = {row.key.lower(): row.value or "" for row in rows}
    return {name: found.get(name, "").strip() for name in names}


def stored_film(engine: Engine, video_id: int | None) -> str | None:
    """The path of the film that a video has."""
    with Session(engine) as session:
        found = session.query(Video.local_path).filter(Video.id == video_id).first()
        return found[0] if found is not None else None


def _end(
    engine: Engine, mine: Claim, state: str, values: dict[str, Any], write: Callable[[Session, Job], None]
) -> bool:
    ended: dict[str, Any] = {"state": state, "speed": None, "pause_requested": False, "sequence": Job.sequence + 1}
    if state == "paused":
        ended |= {"attempts": Job.attempts - 1}  # as if this one had not been
    else:
        ended |= {"active_key": None, "finished_at": now(), "cancel_requested": state == "cancelled"}
    with _writing(engine) as session, session.begin():
        if not changed(session, _held(mine).values({**ended, **values})):
            return False
        write(session, session.get_one(Job, mine.job_id))
        return True


def _held(mine: Claim) -> Update:
    return update(Job).where(Job.id == mine.job_id, Job.claim == mine.token, Job.state == "running")


def _writing(engine: Engine) -> Session:
    return Session(engine.execution_options(**{WRITES: True}), autoflush=False)
