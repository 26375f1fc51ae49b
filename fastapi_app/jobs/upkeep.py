"""What has to be done every few seconds so that no job is forgotten: beat calls it. Each may be done twice at once."""

from collections.abc import Callable
from importlib import import_module

import structlog
from redis import Redis, RedisError
from sqlalchemy import Engine

from fastapi_app.config import Config
from fastapi_app.jobs import claiming, dispatch, reaping, tickets
from fastapi_app.jobs.event import event_of
from fastapi_app.models import now

SCHEDULES = ("fastapi_app.downloads.schedule", "fastapi_app.backup.schedule", "fastapi_app.nfo.schedule")
"""Modules with `check(config, engine)`, which hands in what is due by the settings."""

RETENTIONS = ("fastapi_app.jobs.retention", "fastapi_app.deletions.retention")
"""Modules with `forget(engine)`, which deletes what is kept for a time only; answers how many rows."""

log = structlog.get_logger(__name__)


def replenish(engine: Engine, redis: Redis) -> int:
    """Publishes the tickets that are missing. Raises sqlalchemy.exc.DBAPIError, redis.RedisError."""
    return tickets.replenish(redis, claiming.waiting(engine))


def reap(engine: Engine, redis: Redis, silence: float = reaping.SILENCE) -> int:
    """Frees the jobs of lost workers, and tells. Raises sqlalchemy.exc.DBAPIError."""
    lost = reaping.reap(engine, silence)
    for job in lost:
        try:
            dispatch.publish_event(redis, event_of(job, now()))
        except RedisError as error:
            log.warning("nobody hears of jobs, Redis is away", reason=type(error).__name__)
    return len(lost)


def check_schedule(config: Config, engine: Engine) -> None:
    """Lets each schedule hand in what is due. Raises sqlalchemy.exc.DBAPIError."""
    for name in SCHEDULES:
        check: Callable[[Config, Engine], object] = import_module(name).check
        check(config, engine)


def forget(engine: Engine) -> int:
    """Deletes jobs that ended long ago, and what else nobody can ask for any more. Raises sqlalchemy.exc.DBAPIError."""
    forgotten = 0
    for name in RETENTIONS:
        forget_some: Callable[[Engine], int] = import_module(name).forget
        forgotten += forget_some(engine)
    return forgotten
