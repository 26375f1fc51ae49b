"""Finding jobs whose worker was lost, and letting them run again."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Engine, or_, select, update
from sqlalchemy.orm import Session

from fastapi_app.jobs import following, outcome
from fastapi_app.jobs.changes import jumped
from fastapi_app.jobs.states import State
from fastapi_app.models import WRITES, Job, now

SILENCE = 30.0
"""Seconds without a sign of life. A worker gives its job up a little sooner, see `heartbeat.Pace`."""

log = structlog.get_logger(__name__)


def reap(engine: Engine, silence: float = SILENCE) -> list[Job]:
    """Takes jobs from whoever doesn't live any more; answers the rows as they are then, detached.

    The lost attempt counts. Raises sqlalchemy.exc.DBAPIError.
    """
    moment = now()
    with Session(engine) as session:
        lost = session.execute(
            select(Job.id, Job.claim).where(Job.state == State.RUNNING, _silent(moment - timedelta(seconds=silence)))
        ).all()
    taken = (_taken(engine, job_id, claim, moment, silence) for job_id, claim in lost)
    return [job for job in taken if job is not None]


def _silent(since: datetime) -> ColumnElement[bool]:
    return or_(Job.heartbeat_at < since, Job.heartbeat_at.is_(None))


def _taken(engine: Engine, job_id: int, claim: str | None, moment: datetime, silence: float) -> Job | None:
    """None when the job has shown a sign of life, or ended, meanwhile."""
    still = (Job.id == job_id) & (Job.state == State.RUNNING) & Job.claim.is_not_distinct_from(claim)
    with Session(engine.execution_options(**{WRITES: True}), expire_on_commit=False) as session, session.begin():
        job = session.scalar(select(Job).where(still, _silent(moment - timedelta(seconds=silence))).with_for_update())
        if job is None:
            return None
        ended = outcome.of_loss(
            job.attempts, job.attempt_limit, moment, cancel=job.cancel_requested, pause=job.pause_requested
        )
        session.execute(
            update(Job)
            .where(still)
            .values({**ended.values, "state": ended.state, "sequence": jumped()})
            .execution_options(synchronize_session=False)
        )
        session.refresh(job)
        following.follow(session, job)
        log.warning("a job's worker was lost", job=job.id, kind=job.kind, claim=claim, now=ended.state.value)
        return job
