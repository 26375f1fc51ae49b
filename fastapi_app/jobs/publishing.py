"""Telling what becomes of a job while it runs: the first news at once, then four a second, the end at once."""

import threading
from types import TracebackType
from typing import Self

import structlog
from redis import RedisError

from fastapi_app.jobs import dispatch
from fastapi_app.jobs.event import Event

INTERVAL = 0.25
"""Seconds between two events about the progress of one job."""

log = structlog.get_logger(__name__)


class Publisher:
    """Publishes events of the jobs that this process runs, one at a time. Without an address it tells nobody.

    Progress is handed to a thread, which keeps the newest only, so that a job never waits for Redis.
    """

    def __init__(self, redis_url: str, interval: float = INTERVAL) -> None:
        self._redis = dispatch.connected(redis_url) if redis_url else None
        self._interval = interval
        self._changed = threading.Condition()
        self._newest: Event | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        self._away = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.close()

    def offer(self, event: Event) -> None:
        """Progress: told now or soon, unless something newer comes before."""
        if self._redis is None:
            return
        with self._changed:
            self._newest = event
            if self._thread is None:
                self._thread = threading.Thread(target=self._tell_newest, name="progress", daemon=True)
                self._thread.start()
            self._changed.notify()

    def tell(self, event: Event) -> None:
        """A change of state: told before this returns, in place of progress that is older."""
        with self._changed:
            self._newest = None
        self._publish(event)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        if self._redis is not None:
            self._redis.close()

    def _tell_newest(self) -> None:
        while (event := self._next()) is not None:
            self._publish(event)
            with self._changed:
                self._changed.wait_for(lambda: self._closed, self._interval)

    def _next(self) -> Event | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._newest is not None)
            event, self._newest = self._newest, None
            return None if self._closed else event

    def _publish(self, event: Event) -> None:
        if self._redis is None:
            return
        try:
            dispatch.publish_event(self._redis, event)
            self._away = False
        except RedisError as error:
            if not self._away:
                log.warning("nobody hears of jobs, Redis is away", reason=type(error).__name__)
            self._away = True
