"""Telling workers and listeners, from a request: at once, without waiting, and never failing."""

import json
import queue as queues
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import structlog
from redis import Redis, RedisError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.jobs import afterwards, tickets
from fastapi_app.jobs.event import CHANNEL, Event, event_of
from fastapi_app.jobs.states import CLAIMABLE, Executor, Queue
from fastapi_app.models import Job, now

_PATIENCE = 1.0
"""Seconds that Redis may take to answer; its own thread waits, nobody else."""
_CLOSING = 2.0
_BACKLOG = 10_000
"""Messages kept while Redis is slow. What is beyond is dropped: beat publishes missing tickets, and rows are true."""
_AT_ONCE = 100

log = structlog.get_logger(__name__)

Message = Queue | Event


class Messenger(Protocol):
    """What a request tells about jobs. A rehearsed request is given one that tells nobody."""

    def soon(self, queue: Queue) -> None: ...

    def tell(self, event: Event) -> None: ...

    def after_commit(self, session: AsyncSession, job: Job) -> None: ...


class Dispatch:
    """Publishes tickets and events from a thread of its own, which starts with the first message.

    Without an address of a Redis it does nothing: a worker that comes later finds the rows.
    """

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._waiting: queues.Queue[Message | None] = queues.Queue(_BACKLOG)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def soon(self, queue: Queue) -> None:
        """There may be work on `queue`. For after the commit of the row; `after_commit` sees to that itself."""
        self._put(queue)

    def tell(self, event: Event) -> None:
        """Publishes what became of a job, for after the commit."""
        self._put(event)

    def after_commit(self, session: AsyncSession, job: Job) -> None:
        """Tells about `job` as it is when the transaction of `session` is committed; nothing if it is rolled back."""

        def committed() -> None:
            self.tell(event_of(job, now()))
            if job.state in CLAIMABLE and job.executor == Executor.CELERY:
                self.soon(Queue(job.queue))

        afterwards.after_commit(session, committed)

    def close(self) -> None:
        """Publishes what is waiting, for two seconds at most."""
        with self._starting:
            self._closed = True
            thread = self._thread
        if thread is not None:
            with suppress(queues.Full):
                self._waiting.put_nowait(None)
            thread.join(_CLOSING)

    def _put(self, message: Message) -> None:
        if not self._url or not self._begun():
            return
        with suppress(queues.Full):
            self._waiting.put_nowait(message)

    def _begun(self) -> bool:
        with self._starting:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._publish_all, name="dispatch", daemon=True)
                self._thread.start()
            return not self._closed

    def _publish_all(self) -> None:
        told = ended = False
        with connected(self._url) as redis:
            while not ended:
                taken = self._taken()
                ended = None in taken
                try:
                    _publish(redis, [message for message in taken if message is not None])
                    told = False
                except RedisError as error:
                    if not told:
                        log.warning("tickets wait for beat, Redis is away", reason=type(error).__name__)
                    told = True

    def _taken(self) -> list[Message | None]:
        """What waits by now, in its order; waits for the first."""
        taken = [self._waiting.get()]
        with suppress(queues.Empty):
            while len(taken) < _AT_ONCE:
                taken.append(self._waiting.get_nowait())
        return taken


def connected(url: str) -> Redis:
    """A client that gives up soon. Connects when first used."""
    return Redis.from_url(url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)


def publish_event(redis: Redis, event: Event) -> None:
    """Raises redis.RedisError."""
    redis.publish(CHANNEL, json.dumps(event.to_json(), separators=(",", ":")))


def _publish(redis: Redis, messages: Sequence[Message]) -> None:
    """In one trip: a job's event and its ticket come together, and this thread takes turns with the requests."""
    with redis.pipeline(transaction=False) as trip:
        for message in messages:
            if isinstance(message, Event):
                publish_event(trip, message)
            else:
                tickets.publish(trip, message)
        trip.execute()


class Nobody:
    """A messenger for requests that are only rehearsed."""

    def soon(self, queue: Queue) -> None:
        pass

    def tell(self, event: Event) -> None:
        pass

    def after_commit(self, session: AsyncSession, job: Job) -> None:
        pass
