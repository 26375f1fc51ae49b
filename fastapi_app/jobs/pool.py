"""One process of a worker's pool: what it keeps between jobs, and how it behaves when the worker stops."""

import mmap
import os
import signal
import socket
from collections.abc import Mapping

import structlog
from redis import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs import claiming, descendants, dispatch, interruption, running, tickets
from fastapi_app.jobs.heartbeat import Pace
from fastapi_app.jobs.kinds import Kinds
from fastapi_app.jobs.publishing import Publisher
from fastapi_app.jobs.states import Queue
from fastapi_app.operations.parent_death import leash
from fastapi_app.silence import JOB_SECONDS

log = structlog.get_logger(__name__)


class Stopping:
    """Whether the worker stops, as all its processes see it at once: a byte that forks share."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def begin(self) -> None:
        self._shared[0] = 1

    def __bool__(self) -> bool:
        return self._shared[0] != 0


class PoolProcess:
    """Made in the worker, used in the processes that it forks: each connects for itself.

    `most` limits how many jobs of a queue one worker runs at once, so that long ones leave room for the others.
    """

    def __init__(self, config: Config, kinds: Kinds, pace: Pace, stopping: Stopping, most: Mapping[Queue, int]) -> None:
        self._config = config
        self._kinds = kinds
        self._pace = pace
        self._stopping = stopping
        self._most = most
        self._parent = os.getpid()
        self._connected: tuple[int, Engine, Publisher] | None = None

    def begin(self) -> None:
        """First thing in a process of the pool. It lives no longer than the worker, and hands its job back then."""
        for number in (interruption.SIGNAL, interruption.HAND_BACK):
            signal.signal(number, signal.SIG_IGN)
        leash(self._parent)()

    def run_next(self, queue: Queue) -> bool:
        """One ticket: the next job of `queue`. Whether there was one. Ends the process when its worker is gone.

        It would wait for ever: its siblings hold the other end of the pipe from which it reads.
        """
        try:
            return self._run_next(queue)
        finally:
            if os.getppid() != self._parent:
                os._exit(1)

    def _run_next(self, queue: Queue) -> bool:
        if self._stopping:
            return False
        engine, publisher = self._resources()
        try:
            if self._is_full(engine, queue):
                return False
            ran = running.attempt(
                self._config,
                engine,
                queue,
                kinds=self._kinds,
                publisher=publisher,
                pace=self._pace,
                abandon=self._abandon,
                stopping=lambda: bool(self._stopping),
                worker=self._name,
            )
        except SQLAlchemyError as error:  # the edge of a ticket: beat makes another one
            log.warning("a ticket was of no use", queue=queue.value, reason=type(error).__name__)
            return False
        if ran and queue in self._most:
            self._ask_again(queue)
        return ran

    @property
    def _name(self) -> str:
        return f"{socket.gethostname()[:40]}:{self._parent}"

    def _resources(self) -> tuple[Engine, Publisher]:
        if self._connected is None or self._connected[0] != os.getpid():
            self._connected = (
                os.getpid(),
                blocking_engine(self._config, JOB_SECONDS),
                Publisher(self._config.redis_url),
            )
        return self._connected[1:]

    def _is_full(self, engine: Engine, queue: Queue) -> bool:
        return queue in self._most and claiming.held(engine, queue, self._name) >= self._most[queue]

    def _ask_again(self, queue: Queue) -> None:
        """A ticket that came while the worker had enough of this queue was for nothing: here is another."""
        try:
            with dispatch.connected(self._config.redis_url) as redis:
                tickets.publish(redis, queue)
        except RedisError:
            log.info("beat makes the next ticket")

    def _abandon(self) -> None:
        descendants.end(os.getpid())
        os.kill(os.getpid(), signal.SIGKILL)
