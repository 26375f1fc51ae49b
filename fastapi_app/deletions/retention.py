"""Forgetting what was deleted long ago, for good."""

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from fastapi_app.models import WRITES, Deletion, now

_AT_ONCE = 20


def forget(engine: Engine) -> int:
    """Deletes what nobody may restore any more; answers how many. Raises sqlalchemy.exc.DBAPIError.

    A few in one transaction, because each may hold hundreds of rows.
    """
    forgotten = 0
    while deleted := _forget_some(engine):
        forgotten += deleted
    return forgotten


def _forget_some(engine: Engine) -> int:
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        old = session.scalars(select(Deletion.id).where(Deletion.expires_at <= now()).limit(_AT_ONCE)).all()
        session.execute(delete(Deletion).where(Deletion.id.in_(old)))
        return len(old)
