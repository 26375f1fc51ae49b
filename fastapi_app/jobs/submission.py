"""Handing in work: one row, written in the caller's transaction."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, make_transient_to_detached

from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.states import State
from fastapi_app.models import Job, now

NORMAL = 5
_TABLE = cast("Table", Job.__table__)
_MAKE = insert(_TABLE)
_PLACE = update(_TABLE).where(_TABLE.c.id == bindparam("made")).values(position=bindparam("made"))
"""Built once, and past the ORM: a person waits for this."""
_EMPTY = dict.fromkeys(_TABLE.columns.keys())


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
    session.flush()
    connection = session.connection()
    # A statement and no flush: one that fails leaves the transaction as it was, and needs no savepoint before it.
    try:
        made: Any = connection.execute(_MAKE, row)
    except IntegrityError:
        found = _under_way(session, key)
        if found is None:
            raise
        return Submission(found, created=False)
    (job_id,) = made.inserted_primary_key
    connection.execute(_PLACE, {"made": job_id})
    return Submission(_held(session, {**made.last_inserted_params(), "id": job_id, "position": job_id}), created=True)


def _held(session: Session, values: dict[str, Any]) -> Job:
    """The row that was just written, as if it had been read. The constructor would note every value as a change."""
    job: Job = Job.__mapper__.class_manager.new_instance()
    vars(job).update(_EMPTY, **values)
    make_transient_to_detached(job)
    session.add(job)
    return job


def active_key(kind: str, subject: str) -> str:
    """What is unique while the job is under way."""
    return f"{kind} {subject}"


def _under_way(session: Session, key: str) -> Job | None:
    return session.scalar(select(Job).where(Job.active_key == key))
