"""Files of videos that were edited by somebody who hands in no job: the other side, or whoever renames an artist.

Beat calls `check` once a minute. The row `LAST` of `settings` says up to when edits were handed in. It moves with a
job, so that nothing is written while nothing happens.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.jobs.submission import submit
from fastapi_app.models import WRITES, Setting
from fastapi_app.nfo import kinds, queries
from fastapi_app.nfo.payload import WriteNfo
from fastapi_app.nfo.preferences import read

LAST = "nfo_last_at"
"""ISO 8601, UTC; there is no such row while the settings ask for no files."""

SETTLED = timedelta(minutes=2)
"""So long ago an edit must be: it is committed by then, and the clocks of two machines differ by less."""


def check(config: Config, engine: Engine) -> bool:  # noqa: ARG001  the signature that beat calls
    """Hands in a job when there were edits; whether it did. However many beats look, one of them does."""
    return look(engine, datetime.now(UTC))


def look(engine: Engine, moment: datetime) -> bool:
    """The same at a moment, in UTC."""
    until = moment.replace(tzinfo=None, microsecond=0) - SETTLED
    with Session(engine) as session:
        is_wanted = read(session).wants_any
        last = session.scalar(select(Setting.value).where(Setting.key == LAST))
        since = _moment(last) if is_wanted else None
        if since is not None and not queries.were_edited(session, since, until):
            return False
        if last is None and not is_wanted:
            return False
    try:
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            if since is not None:
                return _hand_in(session, since, until)
            session.execute(delete(Setting).where(Setting.key == LAST))
            if is_wanted:
                session.add(Setting(key=LAST, value=until.isoformat()))
            return False
    except IntegrityError:  # another beat wrote the row, or the job, at the same moment
        return False


def _hand_in(session: Session, since: datetime, until: datetime) -> bool:
    """While the last such job is still under way, edits wait for the next look."""
    payload = WriteNfo(title="Write NFO files after edits", since=since).model_dump(mode="json")
    if not submit(session, kinds.WRITE, kinds.EDITED, payload).created:
        return False
    session.execute(update(Setting).where(Setting.key == LAST).values(value=until.isoformat()))
    return True


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=None)
    except ValueError:
        return None
