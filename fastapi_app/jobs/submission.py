"""Handing in work: one row, written in the caller's transaction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.states import State
from fastapi_app.models import Job, now

NORMAL = 5


@dataclass(frozen=True)
class Submission:
    """The job that there is now. `created` is False where one was under way for this subject already."""

    job: Job
    created: bool


def submit(
    session: Session,
    kind: Kind,
    subject: str,
    payload: dict[str, Any],
    *,
    user_id: int | None = None,
    priority: int = NORMAL,
) -> Submission:
    """A new job of `kind` for `subject`, or the one under way. From async code: `await session.run_sync(submit, …)`.

    `payload` has been checked against `kind.payload`; `priority` is 1, the highest, to 10. `title` in it is for people.
    Tell `Messenger.after_commit` about the job, or let beat find it.
    """
    key = active_key(kind.name, subject)
    found = _under_way(session, key)
    if found is not None:
        return Submission(found, created=False)
    moment = now()
    job = Job(
        kind=kind.name,
        subject=subject,
        active_key=key,
        queue=kind.queue,
        state=State.QUEUED,
        priority=priority,
        payload=payload,
        user_id=user_id,
        attempt_limit=kind.attempts,
        due_at=moment,
        created_at=moment,
        updated_at=moment,
    )
    try:
        with session.begin_nested():
            session.add(job)
            session.flush()
            job.position = job.id
    except IntegrityError:
        found = _under_way(session, key)
        if found is None:
            raise
        return Submission(found, created=False)
    return Submission(job, created=True)


def active_key(kind: str, subject: str) -> str:
    """What is unique while the job is under way."""
    return f"{kind} {subject}"


def _under_way(session: Session, key: str) -> Job | None:
    return session.scalar(select(Job).where(Job.active_key == key))
