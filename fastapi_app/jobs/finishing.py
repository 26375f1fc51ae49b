"""Writing down how an attempt ended: the row, what the job itself writes, and 0.9's row, or nothing at all."""

from sqlalchemy import Engine, case, select, update
from sqlalchemy.orm import Session

from fastapi_app.database import rows_changed
from fastapi_app.jobs import following
from fastapi_app.jobs.claiming import Claim
from fastapi_app.jobs.outcome import Outcome
from fastapi_app.jobs.patience import patiently
from fastapi_app.jobs.work import Failed
from fastapi_app.models import WRITES, Job, JobQueue, now

PATIENCE = 60.0
"""Seconds for which the end is tried to be written while the database is away. Later the reaper finds the row."""


def finish(engine: Engine, claim: Claim, outcome: Outcome, sequence: int, patience: float = PATIENCE) -> Job | None:
    """Writes `outcome` if the job is still ours, and answers the row, detached; None when it was taken away.

    `sequence` is the last one that was told. While the database is away it is tried again, `outcome.write` included.
    Raises sqlalchemy.exc.DBAPIError in the end, and what `outcome.write` raises.
    """
    return patiently(lambda: _finished(engine, claim, outcome, sequence), patience)


def _finished(engine: Engine, claim: Claim, outcome: Outcome, sequence: int) -> Job | None:
    with Session(engine.execution_options(**{WRITES: True}), expire_on_commit=False) as session, session.begin():
        made = session.execute(
            update(Job)
            .where(claim.holds())
            .values({**outcome.values, "state": outcome.state, "sequence": after(sequence)})
            .execution_options(synchronize_session=False)
        )
        if not rows_changed(made):
            return _written_before(session, claim, outcome)
        if outcome.write is not None:
            outcome.write(session)
        if outcome.blocks is not None:
            _block(session, claim, outcome.blocks)
        job = session.get_one(Job, claim.task.id, populate_existing=True)
        following.follow(session, job)
        session.flush()
        return job


def after(sequence: int) -> object:
    """The number of the next event, in the row as in what was told."""
    return case((Job.sequence > sequence, Job.sequence + 1), else_=sequence + 1)


def _written_before(session: Session, claim: Claim, outcome: Outcome) -> Job | None:
    """The commit may have succeeded although its answer was lost. Nobody else writes our token with this state."""
    return session.scalar(
        select(Job).where(Job.id == claim.task.id, Job.claim == claim.token, Job.state == outcome.state)
    )


def _block(session: Session, claim: Claim, blocked: Failed) -> None:
    """Pauses the job's queue, unless it is already."""
    name = session.scalar(select(Job.queue).where(Job.id == claim.task.id))
    row = session.get(JobQueue, name, with_for_update=True)
    if row is None:
        row = JobQueue(name=name)
        session.add(row)
    if row.paused_at is None:
        row.paused_at, row.cause, row.reason = now(), blocked.kind[:40], blocked.message[:500]
