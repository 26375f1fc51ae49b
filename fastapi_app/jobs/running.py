"""Running the next job of a queue in this process: what a worker's task does, and what tests do without a worker."""

from collections.abc import Callable
from contextlib import ExitStack

import structlog
from sqlalchemy import Engine

from fastapi_app.config import Config
from fastapi_app.jobs import catalogue, claiming
from fastapi_app.jobs.attempt import Attempt
from fastapi_app.jobs.event import event_of
from fastapi_app.jobs.heartbeat import Pace
from fastapi_app.jobs.kinds import Kinds
from fastapi_app.jobs.publishing import Publisher
from fastapi_app.jobs.states import Queue
from fastapi_app.models import now


def attempt(
    config: Config,
    engine: Engine,
    queue: Queue,
    *,
    kinds: Kinds | None = None,
    publisher: Publisher | None = None,
    pace: Pace | None = None,
    abandon: Callable[[], None] | None = None,
    stopping: Callable[[], bool] = lambda: False,
    worker: str = "",
) -> bool:
    """Claims the next job of `queue` and runs it to the end of one attempt. Whether there was one.

    For the main thread of a process. `engine` is one of `blocking_engine`. `abandon` ends a process whose job can't be
    interrupted; without it one waits. `stopping` answers whether the worker stops, so that
    the job is to be handed back; `worker` names whose process this is, in the claim.

    Raises sqlalchemy.exc.DBAPIError when the database stays away: the reaper sees to the job then.
    """
    taken = claiming.take(engine, queue, worker=worker)
    if taken is None:
        return False
    claim, job = taken
    with ExitStack() as stack:
        told = publisher or stack.enter_context(Publisher(config.redis_url))
        stack.enter_context(structlog.contextvars.bound_contextvars(job=job.id, kind=job.kind))
        running = Attempt(config, engine, claim, event_of(job, now()), told, pace or Pace(), abandon, stopping)
        running.carry_out(catalogue.KINDS if kinds is None else kinds)
    return True
