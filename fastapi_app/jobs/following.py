"""What changes with a job, in the same transaction: 0.9's row of `downloads`, and whatever its kind is about."""

from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.jobs import catalogue, download_row
from fastapi_app.jobs.kinds import UnknownKind
from fastapi_app.jobs.states import TERMINAL, State
from fastapi_app.models import Job


def follow(session: Session, job: Job) -> None:
    """Called with every new state. What a completed job writes is its `Done.write`, so its kind is not asked again."""
    state = State(job.state)
    if job.download_id is not None:
        session.execute(
            download_row.changed(job.download_id, state=state, percent=job.percent, error=job.error_message)
        )
    following = _following(job.kind)
    if following is not None and state is not State.COMPLETED:
        import_module(following).write(session, [job.payload], state)


def follow_all(session: Session, jobs: Sequence[Job], state: State) -> None:
    """The same for jobs that all went from waiting to `state`, which is not COMPLETED, with a few statements."""
    rows: defaultdict[str | None, list[int]] = defaultdict(list)
    payloads: defaultdict[str, list[Any]] = defaultdict(list)
    for job in jobs:
        if job.download_id is not None:
            rows[job.error_message].append(job.download_id)
        following = _following(job.kind)
        if following is not None:
            payloads[following].append(job.payload)
    for error, download_ids in rows.items():
        session.execute(download_row.changed(*download_ids, state=state, error=error))
    for following, told in payloads.items():
        import_module(following).write(session, told, state)


def clean(config: Config, job: Job) -> None:
    """Called by workers after the commit: a job that ended without success leaves no files behind."""
    following = _following(job.kind)
    if following is not None and job.state in TERMINAL and job.state != State.COMPLETED:
        import_module(following).clean(config, job.id)


def _following(kind: str) -> str | None:
    try:
        return catalogue.KINDS[kind].following
    except UnknownKind:
        return None
