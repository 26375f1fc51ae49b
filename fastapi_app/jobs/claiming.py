"""Taking the next job of a queue: of all who try, one gets it."""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    Table,
    Update,
    bindparam,
    case,
    exists,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from fastapi_app.database import rows_changed
from fastapi_app.jobs import download_row
from fastapi_app.jobs.states import ATTEMPT, CLAIMABLE, Executor, Queue, State
from fastapi_app.jobs.work import Task
from fastapi_app.models import WRITES, Job, JobQueue, now

_CANDIDATES = 8
_ROUNDS = 5
_JOBS = cast("Table", Job.__table__)
_QUEUES = cast("Table", JobQueue.__table__)


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
        for job_id in candidates:
            taken = take_one(engine, job_id, executor, worker=worker)
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
        told = {"wanted": job_id, "mine": mine, "runner": executor, "moment": moment}
        if not rows_changed(session.connection().execute(_CLAIM, told)):
            return None
        job = session.get_one(Job, job_id)
        if job.download_id is not None:
            session.execute(download_row.changed(job.download_id, state=State.RUNNING, percent=0))
        return Claim(_task(job), mine, job.attempt_limit, job.sequence), job


def waiting(engine: Engine) -> dict[Queue, int]:
    """How many jobs of every queue could be run now."""
    with engine.connect() as connection:
        rows = connection.execute(_NUMBERS, {"runner": Executor.CELERY, "moment": now()})
        found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {queue: found.get(queue, 0) for queue in Queue}


def held(engine: Engine, queue: Queue, worker: str) -> int:
    """How many jobs of `queue` the processes of one worker run at this moment."""
    query = select(func.count()).where(
        Job.queue == queue, Job.state == State.RUNNING, Job.claim.startswith(f"{worker}:", autoescape=True)
    )
    with Session(engine) as session:
        return session.scalar(query) or 0


def _candidates(engine: Engine, queue: Queue, executor: Executor, moment: datetime) -> list[int]:
    """The ids of the first few, best first."""
    with engine.connect() as connection:
        rows = connection.execute(_FIRST, {"wanted": queue, "runner": executor, "moment": moment})
        return [row.id for row in sorted(rows, key=tuple)]


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


def _due() -> tuple[ColumnElement[bool], ...]:
    """What is asked of a job in whatever state. Told `runner`, an executor, and `moment`."""
    paused = exists().where(_QUEUES.c.name == _JOBS.c.queue, _QUEUES.c.paused_at.is_not(None))
    return (
        _JOBS.c.executor == bindparam("runner"),
        _JOBS.c.due_at <= bindparam("moment"),
        _JOBS.c.cancel_requested.is_(False),
        ~paused,
    )


def _first_of(state: State) -> Select[tuple[int, int, int]]:
    """Of one state, so that the index gives them in their order."""
    order = (_JOBS.c.priority, _JOBS.c.position, _JOBS.c.id)
    found = (
        select(*order)
        .where(_JOBS.c.queue == bindparam("wanted"), _JOBS.c.state == state, *_due())
        .order_by(*order)
        .limit(_CANDIDATES)
        .subquery()
    )
    return select(found.c.priority, found.c.position, found.c.id)


def _claim() -> Update:
    jobs = _JOBS.c
    begun = (jobs.attempts + 1) * ATTEMPT
    untold = (jobs.stage, jobs.percent, jobs.speed, jobs.eta, jobs.bytes_done, jobs.bytes_total, jobs.message)
    return (
        update(_JOBS)
        .where(jobs.id == bindparam("wanted"), jobs.state.in_(CLAIMABLE), *_due())
        .ordered_values(
            # Before `attempts`: MariaDB assigns from left to right, and sees the new value afterwards.
            (jobs.sequence, case((jobs.sequence + 1 > begun, jobs.sequence + 1), else_=begun)),
            (jobs.attempts, jobs.attempts + 1),
            (jobs.state, State.RUNNING),
            (jobs.claim, bindparam("mine")),
            (jobs.started_at, bindparam("moment")),
            (jobs.heartbeat_at, bindparam("moment")),
            (jobs.pause_requested, False),
            *((column, None) for column in untold),
        )
    )


_FIRST = union_all(*(_first_of(state) for state in sorted(CLAIMABLE)))
_CLAIM = _claim()
_NUMBERS = select(_JOBS.c.queue, func.count()).where(_JOBS.c.state.in_(CLAIMABLE), *_due()).group_by(_JOBS.c.queue)
"""Built once: workers ask all day long."""
