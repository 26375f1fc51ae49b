"""Jobs in a test's library, and the news that a worker would tell about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs.dispatch import publish_event
from fastapi_app.jobs.event import event_of
from fastapi_app.jobs.states import TERMINAL, State, first_sequence
from fastapi_app.models import WRITES, Job, JobQueue, now

_IDS = count(1)


def job(number: int, state: State = State.QUEUED, *, artist: str = "Low Orbit", **columns: Any) -> Job:
    """A download. Its title is `Song 7`, its place in the queue its number; those that ended did so minutes ago."""
    has_ended = state in TERMINAL
    values: dict[str, Any] = {
        "kind": "download",
        "subject": f"video {number}",
        "active_key": None if has_ended else f"download video {number}",
        "queue": "downloads",
        "state": state,
        "payload": {"title": f"Song {number}", "artist": artist},
        "position": number,
        "attempts": 0 if state is State.QUEUED else 1,
        "sequence": 0 if state is State.QUEUED else first_sequence(1),
        "finished_at": now() - timedelta(minutes=number) if has_ended else None,
    }
    return Job(**{**values, **columns})


class Work:
    """The rows of `jobs` in one library, and the Redis on which news about them travel."""

    def __init__(self, engine: Engine, redis: Redis | None) -> None:
        self._engine = engine.execution_options(**{WRITES: True})
        self._redis = redis

    def add(self, *jobs: Job) -> list[int]:
        """Stores them under ids that were never used, and tells about them; answers the ids."""
        for one in jobs:
            one.id = next(_IDS)
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            session.add_all(jobs)
        for one in jobs:
            self._tell(one)
        return [one.id for one in jobs]

    def change(self, job_id: int, **columns: Any) -> None:
        """What a worker does: writes the row, counts the sequence on, tells."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            found = session.get_one(Job, job_id)
            for name, value in columns.items():
                setattr(found, name, value)
            found.sequence += 1
            found.updated_at = now()
            if found.state in TERMINAL:
                found.active_key, found.finished_at = None, now()
        self._tell(found)

    def get(self, job_id: int) -> Job | None:
        with Session(self._engine, expire_on_commit=False) as session:
            return session.get(Job, job_id)

    def pause(self, reason: str, cause: str = "disk-full") -> None:
        """The downloads' queue pauses itself."""
        with Session(self._engine) as session, session.begin():
            session.merge(JobQueue(name="downloads", paused_at=now(), cause=cause, reason=reason))

    def clear(self) -> None:
        """Nothing was ever to do."""
        with Session(self._engine) as session, session.begin():
            session.query(Job).delete()
            session.query(JobQueue).delete()

    def _tell(self, one: Job) -> None:
        if self._redis is not None:
            publish_event(self._redis, event_of(one, now()))


@contextmanager
def work_in(config: Config, redis_url: str = "") -> Iterator[Work]:
    engine = blocking_engine(config)
    redis = Redis.from_url(redis_url) if redis_url else None
    try:
        yield Work(engine, redis)
    finally:
        engine.dispose()
        if redis is not None:
            redis.close()
