"""Keeping time: Celery's beat, whose few tasks run in its own process.

They would wait behind hours of downloads otherwise, and they are what frees the workers.
"""

import os
import socket
from collections.abc import Callable
from functools import cached_property
from typing import Any

import structlog
from celery.beat import ScheduleEntry, Scheduler  # type: ignore[import-untyped]
from redis import Redis, RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs import dispatch, presence, reaping, upkeep
from fastapi_app.silence import JOB_SECONDS

ANNOUNCE = "mvidarr.announce"
REPLENISH = "mvidarr.replenish"
REAP = "mvidarr.reap"
CHECK_SCHEDULE = "mvidarr.check_schedule"
FORGET = "mvidarr.forget"

INTERVALS = {ANNOUNCE: presence.EVERY_SECONDS, REPLENISH: 5.0, REAP: 10.0, CHECK_SCHEDULE: 60.0, FORGET: 86_400.0}
"""Seconds between two runs of each task."""

log = structlog.get_logger(__name__)


class Upkeep:
    """The tasks of beat, with the connections that they share. Connects when first used, in the process that does."""

    def __init__(self, config: Config, silence: float = reaping.SILENCE) -> None:
        self._config = config
        self._silence = silence
        self._name = f"beat@{socket.gethostname()}"

    def tasks(self) -> dict[str, Callable[[], None]]:
        """Every task by its name. None of them raises: the next run may succeed."""
        work: dict[str, Callable[[], object]] = {
            ANNOUNCE: self._announce,
            REPLENISH: lambda: upkeep.replenish(self._engine, self._redis),
            REAP: lambda: upkeep.reap(self._engine, self._redis, self._silence),
            CHECK_SCHEDULE: lambda: upkeep.check_schedule(self._config, self._engine),
            FORGET: lambda: upkeep.forget(self._engine),
        }
        return {name: _guarded(name, task) for name, task in work.items()}

    def _announce(self) -> None:
        host = socket.gethostname()
        here = presence.Presence(f"{self._name}:{os.getpid()}", presence.Role.BEAT, host, ())
        presence.announce(self._redis, here)

    @cached_property
    def _engine(self) -> Engine:
        return blocking_engine(self._config, JOB_SECONDS)

    @cached_property
    def _redis(self) -> Redis:
        return dispatch.connected(self._config.redis_url)


class Beat(Scheduler):  # type: ignore[misc]
    """Runs what is due instead of sending it to a worker. Keeps no file: every task may run at any time."""

    producer = None
    """There is no connection to wait for: what needs none goes on while Redis is away."""

    def apply_async(self, entry: ScheduleEntry, *_arguments: Any, **_options: Any) -> None:
        self.app.tasks[entry.task]()


def schedule(intervals: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Celery's form of it."""
    return {name: {"task": name, "schedule": seconds} for name, seconds in intervals.items()}


def _guarded(name: str, task: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            task()
        except (SQLAlchemyError, RedisError) as error:
            log.warning("beat tries again later", task=name, reason=type(error).__name__)
        except Exception:  # the edge of a task: beat goes on with the others
            log.exception("a task of beat broke", task=name)

    return run
