"""The Celery worker: `serve(config, …)` runs one until it is asked to stop, `keep_time(config)` runs beat alone.

Jobs are rows. What goes through Celery are tickets, see `fastapi_app.jobs.tickets`.
"""

import logging
import logging.config
import os
import signal
import socket
import threading
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from celery import Celery, signals  # type: ignore[import-untyped]
from celery.beat import Service  # type: ignore[import-untyped]
from celery.exceptions import CPendingDeprecationWarning  # type: ignore[import-untyped]
from celery.platforms import SecurityWarning  # type: ignore[import-untyped]
from kombu.entity import Queue as Channel
from redis import RedisError

from fastapi_app import broker
from fastapi_app.config import Config
from fastapi_app.jobs import catalogue, descendants, dispatch, interruption, presence, tickets
from fastapi_app.jobs.beat import INTERVALS, Beat, Upkeep, schedule
from fastapi_app.jobs.heartbeat import Pace
from fastapi_app.jobs.kinds import Kinds
from fastapi_app.jobs.pool import PoolProcess, Stopping
from fastapi_app.jobs.reaping import SILENCE
from fastapi_app.jobs.states import Queue
from fastapi_app.logs import configure_logs
from fastapi_app.operations.parent_death import leash
from fastapi_app.operations.web import log_config

PROCESSES = 6
"""How many jobs a worker runs at once, unless told otherwise."""
_BEYOND_LONGEST = 600
_JOBS_OF_A_PROCESS = 200
_KILOBYTES_OF_A_PROCESS = 500_000
_STARTING = 60.0
"""Seconds for a process of the pool to be there, on a machine that is busy with other things."""
_HANDING_BACK = 5.0
"""Seconds for the pool to hand its jobs back and end; then it is ended."""

log = structlog.get_logger(__name__)


def settings(kinds: Kinds, intervals: dict[str, float]) -> dict[str, Any]:
    """What Celery is told. Late acknowledgement and a visibility beyond the longest job: a ticket of a worker that died
    comes back, of one that works it does not. Losing or doubling one would do no harm."""
    longest = max((kind.deadline for kind in kinds), default=0.0)
    return {
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_queues": [Channel(queue.value) for queue in Queue],  # type: ignore[no-untyped-call]
        "task_default_queue": Queue.MAINTENANCE.value,
        "task_create_missing_queues": False,
        "task_send_sent_event": False,
        "worker_send_task_events": False,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": _JOBS_OF_A_PROCESS,
        "worker_max_memory_per_child": _KILOBYTES_OF_A_PROCESS,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_soft_shutdown_timeout": 0.5,
        "worker_proc_alive_timeout": _STARTING,
        "broker_connection_retry": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "visibility_timeout": longest + _BEYOND_LONGEST,
            "global_keyprefix": tickets.PREFIX,
            "queue_order_strategy": "round_robin",
            "socket_connect_timeout": 5.0,
            "socket_keepalive": True,
        },
        "result_expires": None,
        "beat_schedule": schedule(intervals),
        "beat_max_loop_interval": 1,
        "beat_enable_remote_control": False,
    }


def create(
    config: Config,
    pool: PoolProcess,
    kinds: Kinds,
    intervals: dict[str, float] | None = None,
    silence: float = SILENCE,
) -> Celery:
    """The Celery application. Connects to nothing."""
    broker.register()
    app = Celery("mvidarr", broker=broker.address(config.redis_url), set_as_current=False)
    app.conf.update(settings(kinds, intervals or INTERVALS))

    def run_next(queue: str) -> bool:
        return pool.run_next(Queue(queue))

    app.task(name=tickets.TASK)(run_next)
    for name, task in Upkeep(config, silence).tasks().items():
        app.task(name=name)(task)
    return app


def serve(
    config: Config,
    queues: Sequence[Queue],
    processes: int,
    *,
    beat: bool,
    kinds: Kinds | None = None,
    pace: Pace | None = None,
    intervals: dict[str, float] | None = None,
    silence: float = SILENCE,
) -> int:
    """Runs a worker of up to `processes` jobs at once until it is asked to stop; answers the exit code.

    Asked by SIGTERM or Ctrl-C it hands its jobs back to their queues. It waits for Redis, for ever.
    """
    known = catalogue.KINDS if kinds is None else kinds
    _configure_logs(config)
    warnings.simplefilter("ignore", SecurityWarning)  # about running as root; messages here are JSON without meaning
    warnings.simplefilter("ignore", CPendingDeprecationWarning)  # about a setting that is made above
    stopping = Stopping()
    pool = PoolProcess(config, known, pace or Pace(), stopping, room(queues, processes))
    app = create(config, pool, known, intervals, silence)
    _load(known)
    worker = app.Worker(
        hostname=f"{os.getpid()}@{socket.gethostname()}",
        queues=[queue.value for queue in queues],
        autoscale=(processes, 1),
        optimization="fair",
        beat=beat,
        scheduler_cls=Beat,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,  # heartbeats stay: Flower knows a worker by them
    )
    around = _Surroundings(config, pool, stopping, worker, tuple(queue.value for queue in queues))
    around.connect()
    worker.start()
    around.close()
    return int(worker.exitcode or 0)


def keep_time(config: Config, kinds: Kinds | None = None, intervals: dict[str, float] | None = None) -> None:
    """Runs beat alone until it is asked to stop (KeyboardInterrupt, SystemExit)."""
    known = catalogue.KINDS if kinds is None else kinds
    pool = PoolProcess(config, known, Pace(), Stopping(), {})
    _configure_logs(config)
    Service(create(config, pool, known, intervals), scheduler_cls=Beat).start()


def room(queues: Sequence[Queue], processes: int) -> dict[Queue, int]:
    """A worker that serves downloads and other queues keeps a process for the others, a second one if it has many."""
    if Queue.DOWNLOADS not in queues or len(queues) == 1 or processes == 1:
        return {}
    return {Queue.DOWNLOADS: processes - (1 if processes < PROCESSES else 2)}


class _Surroundings:
    """What happens around Celery's worker, by its signals."""

    def __init__(
        self, config: Config, pool: PoolProcess, stopping: Stopping, worker: Any, queues: tuple[str, ...]
    ) -> None:
        self._config = config
        self._pool = pool
        self._stopping = stopping
        self._worker = worker
        host = socket.gethostname()
        self._presence = presence.Presence(f"worker@{host}:{os.getpid()}", presence.Role.WORKER, host, queues)
        self._redis = dispatch.connected(config.redis_url)
        self._parent = os.getpid()
        self._patience: threading.Timer | None = None

    def connect(self) -> None:
        signals.setup_logging.connect(self._set_up_logging, weak=False)
        signals.worker_process_init.connect(self._begin_process, weak=False)
        signals.beat_embedded_init.connect(self._begin_beat, weak=False)
        signals.worker_ready.connect(self._ready, weak=False)
        signals.worker_shutting_down.connect(self._shutting_down, weak=False)

    def close(self) -> None:
        """After the worker's end."""
        if self._patience is not None:
            self._patience.cancel()
        with suppress(RedisError):
            presence.leave(self._redis, self._presence.name)
        self._redis.close()

    def _set_up_logging(self, **_: Any) -> None:
        _configure_logs(self._config)

    def _begin_process(self, **_: Any) -> None:
        self._pool.begin()

    def _begin_beat(self, **_: Any) -> None:
        leash(self._parent)()

    def _ready(self, sender: Any, **_: Any) -> None:
        self._look()
        sender.timer.call_repeatedly(presence.EVERY_SECONDS, self._look)

    def _look(self) -> None:
        """Says that the worker is there, and stops it when its beat is not: whoever supervises it starts both anew."""
        beat = self._worker.beat
        if beat and not self._stopping and not beat.is_alive():
            log.error("beat is gone, the worker stops")
            os.kill(os.getpid(), signal.SIGTERM)
        try:
            presence.announce(self._redis, self._presence)
        except RedisError as error:
            log.warning("nobody sees this worker, Redis is away", reason=type(error).__name__)

    def _shutting_down(self, **_: Any) -> None:
        """In a signal handler: no new jobs from here on, and those under way are handed back."""
        if self._stopping:
            return
        self._stopping.begin()
        for process in self._processes():
            os.kill(process, interruption.HAND_BACK)
        self._patience = threading.Timer(_HANDING_BACK, _end_by_force)
        self._patience.daemon = True
        self._patience.start()

    def _processes(self) -> list[int]:
        pool = getattr(self._worker, "pool", None)
        inner = getattr(pool, "_pool", None)
        return [process.pid for process in getattr(inner, "_pool", ()) if process.pid is not None]


def _end_by_force() -> None:
    """Celery's own way of hurrying waits, in a signal handler, for what the main thread is in the midst of.

    Nothing is lost: rows tell what was being done, and tickets come back.
    """
    log.warning("the pool took too long to stop and is ended")
    descendants.end(os.getpid())
    os._exit(0)


def _load(kinds: Kinds) -> None:
    """Loads what runs the jobs before the pool is forked, so that its processes share the memory."""
    for kind in kinds:
        try:
            kind.load()
        except (ImportError, AttributeError):
            log.exception("a kind of jobs can't be run", kind=kind.name)


def _configure_logs(config: Config) -> None:
    """As the web process writes them; that tickets go back to their queue at a stop is no news."""
    configure_logs(config.log_level, config.log_format)
    logging.config.dictConfig(log_config(config.log_level, config.log_format))
    logging.getLogger("kombu.transport.virtual").setLevel(logging.ERROR)
