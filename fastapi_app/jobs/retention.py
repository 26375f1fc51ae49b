"""Forgetting jobs that ended long ago. What was downloaded stays, and so do 0.9's rows."""

from datetime import timedelta

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from fastapi_app.jobs.states import TERMINAL
from fastapi_app.models import WRITES, Job, now

KEPT = timedelta(days=30)
_AT_ONCE = 500


def forget(engine: Engine, kept: timedelta = KEPT) -> int:
    """Deletes the rows of jobs that ended longer ago than `kept`; answers how many. Raises sqlalchemy.exc.DBAPIError.

    A few hundred in one transaction, so that nobody else waits for long.
    """
    before = now() - kept
    forgotten = 0
    while deleted := _forget_some(engine, before):
        forgotten += deleted
    return forgotten


def _forget_some(engine: Engine, before: object) -> int:
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        old = session.scalars(
            select(Job.id).where(Job.state.in_(TERMINAL), Job.finished_at < before).limit(_AT_ONCE)
        ).all()
        session.execute(delete(Job).where(Job.id.in_(old)))
        return len(old)
