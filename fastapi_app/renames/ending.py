"""What changes with a job that renames, whoever ends it. See `jobs/following.py`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs.states import State
from fastapi_app.jobs.work import FailedForNow
from fastapi_app.media.paths import Roots
from fastapi_app.models import WRITES, Rename
from fastapi_app.renames import journal
from fastapi_app.renames.journey import Journey
from fastapi_app.renames.shelf import read_shelf
from fastapi_app.renames.turn import turn

log = structlog.get_logger(__name__)


def write(session: Session, payloads: Sequence[dict[str, Any]], state: State) -> None:
    """No row but the job's own changes with it."""


def clean(config: Config, job_id: int) -> None:
    """No film stays between two names. Raises nothing; what can't be done now, the next run does."""
    engine = blocking_engine(config)
    try:
        with Session(engine) as session:
            rename_id = session.scalar(select(Rename.id).where(Rename.job_id == job_id))
            shelf = read_shelf(session, Roots.of(config))
        if rename_id is None:
            return

        @contextmanager
        def sessions() -> Iterator[Session]:
            with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
                yield session

        journey = Journey(config, sessions, shelf)
        with turn(config.data_dir), sessions() as session:
            unfinished = journal.unfinished(session, rename_id)
        with turn(config.data_dir):
            for entry in unfinished:
                found = journey.recover(entry)
                if found.is_parked:
                    journey.unpark(found)
    except (SQLAlchemyError, OSError, FailedForNow) as error:
        log.warning("a rename could not be tidied up", job=job_id, reason=type(error).__name__)
    finally:
        engine.dispose()
