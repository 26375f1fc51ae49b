"""Taking the next job of a queue: of all who try, one gets it."""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, case, exists, func, select, update
from sqlalchemy.orm import Session

from fastapi_app.database import rows_changed
from fastapi_app.jobs import download_row
from fastapi_app.jobs.states import ATTEMPT, CLAIMABLE, Executor, Queue, State
from fastapi_app.jobs.work import Task
from fastapi_app.models import WRITES, Job, JobQueue, now

_CANDIDATES = 8
_ROUNDS = 5


@dataclass(frozen=True)
class Claim:
    """A job that is ours: `token` is what its row holds as long as it is. `sequence` is the last one told."""

    task: Task
    token: str
    attempt_limit: int
    sequence: int

    def holds(self) -> ColumnElement[bool]:
        """What every write about the job asks for."""
        return (Job.id == self.task.id) & (Job.claim == self.token) & (Job.state == State.RUNNING)


@dataclass(frozen=True)
class Candidate:
    """A job that could be run, as the order of the queue sees it."""

    priority: int
    position: int
    id: int


def token(worker: str = "") -> str:
    """A name for one attempt that nobody else has; it begins with the name of the worker, where there is one."""
    return f"{worker or socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(8)}"


def take(
    engine: Engine, queue: Queue, executor: Executor = Executor.CELERY, *, worker: str = ""
) -> tuple[Claim, Job] | None:
    """Claims the best job of `queue` that is due; None where there is none, or where the queue is paused.

    The row comes along as it is now, detached. Raises sqlalchemy.exc.DBAPIError.
    """
    for _ in range(_ROUNDS):
        candidates = _candidates(engine, queue, executor, now())
        if not candidates:
            return None
        for candidate in candidates:
            taken = take_one(engine, candidate.id, executor, worker=worker)
            if taken is not None:
                return taken
    return None


def take_one(
    engine: Engine, job_id: int, executor: Executor = Executor.CELERY, *, worker: str = ""
) -> tuple[Claim, Job] | None:
    """Claims this job, unless somebody was quicker or it may not run."""
    mine = token(worker)
    moment = now()
    with Session(engine.execution_options(**{WRITES: True}), expire_on_commit=False) as session, session.begin():
        if not _claimed(session, job_id, mine, executor, moment):
            return None
        job = session.get_one(Job, job_id)
        if job.download_id is not None:
            session.execute(download_row.changed(job.download_id, state=State.RUNNING, percent=0))
        return Claim(_task(job), mine, job.attempt_limit, job.sequence), job


def waiting(engine: Engine) -> dict[Queue, int]:
    """How many jobs of every queue could be run now."""
    query = select(Job.queue, func.count()).where(*_claimable(Executor.CELERY, now())).group_by(Job.queue)
    with Session(engine) as session:
        found: dict[str, int] = {row[0]: row[1] for row in session.execute(query)}
    return {queue: found.get(queue, 0) for queue in Queue}


def held(engine: Engine, queue: Queue, worker: str) -> int:
    """How many jobs of `queue` the processes of one worker run at this moment."""
    query = select(func.count()).where(
        Job.queue == queue, Job.state == State.RUNNING, Job.claim.startswith(f"{worker}:", autoescape=True)
    )
    with Session(engine) as session:
        return session.scalar(query) or 0


def _claimed(session: Session, job_id: int, mine: str, executor: Executor, moment: datetime) -> bool:
    untold = (Job.stage, Job.percent, Job.speed, Job.eta, Job.bytes_done, Job.bytes_total, Job.message)
    begun = (Job.attempts + 1) * ATTEMPT
    made = session.execute(
        update(Job)
        .where(Job.id == job_id, *_claimable(executor, moment))
        .ordered_values(
            # Before `attempts`: MariaDB assigns from left to right, and sees the new value afterwards.
            (Job.sequence, case((Job.sequence + 1 > begun, Job.sequence + 1), else_=begun)),
            (Job.attempts, Job.attempts + 1),
            (Job.state, State.RUNNING),
            (Job.claim, mine),
            (Job.started_at, moment),
            (Job.heartbeat_at, moment),
            (Job.pause_requested, False),
            *((column, None) for column in untold),
        )
        .execution_options(synchronize_session=False)
    )
    return bool(rows_changed(made))


def _candidates(engine: Engine, queue: Queue, executor: Executor, moment: datetime) -> list[Candidate]:
    """The first few, best first. Asked by state, so that the index gives them in their order."""
    found: list[Candidate] = []
    with Session(engine) as session:
        for state in sorted(CLAIMABLE):
            rows = session.execute(
                select(Job.priority, Job.position, Job.id)
                .where(Job.queue == queue, Job.state == state, *_claimable(executor, moment))
                .order_by(Job.priority, Job.position, Job.id)
                .limit(_CANDIDATES)
            )
            found += [Candidate(*row) for row in rows]
    return sorted(found, key=lambda one: (one.priority, one.position, one.id))


def _claimable(executor: Executor, moment: datetime) -> tuple[ColumnElement[bool], ...]:
    paused = exists().where(JobQueue.name == Job.queue, JobQueue.paused_at.is_not(None))
    return (
        Job.state.in_(CLAIMABLE),
        Job.executor == executor,
        Job.due_at <= moment,
        Job.cancel_requested.is_(False),
        ~paused,
    )


def _task(job: Job) -> Task:
    return Task(
        id=job.id,
        kind=job.kind,
        subject=job.subject,
        payload=job.payload,
        attempt=job.attempts,
        user_id=job.user_id,
        download_id=job.download_id,
        plan=(job.result or {}).get("plan"),
    )
