"""Handing in work: one row, written in the caller's transaction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
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
    moment = now()
    row = {
        "kind": kind.name,
        "subject": subject,
        "active_key": key,
        "queue": kind.queue,
        "state": State.QUEUED,
        "priority": priority,
        "payload": payload,
        "user_id": user_id,
        "attempt_limit": kind.attempts,
        "due_at": moment,
        "created_at": moment,
        "updated_at": moment,
    }
    # A statement and no flush: one that fails leaves the transaction as it was, and needs no savepoint before it.
    try:
        made: Any = session.execute(insert(Job).values(row))
    except IntegrityError:
        found = _under_way(session, key)
        if found is None:
            raise
        return Submission(found, created=False)
    (job_id,) = made.inserted_primary_key
    placed = update(Job).where(Job.id == job_id).values(position=job_id)
    session.execute(placed.execution_options(synchronize_session=False))
    return Submission(session.get_one(Job, job_id), created=True)


def active_key(kind: str, subject: str) -> str:
    """What is unique while the job is under way."""
    return f"{kind} {subject}"


def _under_way(session: Session, key: str) -> Job | None:
    return session.scalar(select(Job).where(Job.active_key == key))
