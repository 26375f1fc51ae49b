"""Looking at background work: its rows, and what Redis tells. Those who ask often are told the same for a while."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import anyio
import structlog
from sqlalchemy import Engine, Select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.database import Database
from fastapi_app.jobs import presence, queries, tickets
from fastapi_app.jobs.health import Heard, Link, Overview, Rows, overview
from fastapi_app.jobs.states import Queue
from fastapi_app.models import now

FRESH_SECONDS = 5.0
_IMPATIENT: dict[str, Any] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "driver_info": None}
"""A client that asks once: a health check must not wait for a Redis that is away. Without `driver_info` the client
would look for its own version on the disk, on the event loop, with every connection."""
_MOST_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Watch:
    """One process's look at its jobs, shared by health checks and scrapes."""

    def __init__(self, database: Database, redis_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._redis_url = redis_url
        self._clock = clock
        self._looking = anyio.Lock()
        self._seen: Overview | None = None
        self._until = 0.0

    async def look(self) -> Overview | None:
        """What there was at most five seconds ago. None while the database is away, or takes its time."""
        async with self._looking:
            if self._clock() >= self._until:
                self._seen = await self._looked()
                self._until = self._clock() + FRESH_SECONDS
            return self._seen

    async def _looked(self) -> Overview | None:
        try:
            with anyio.fail_after(_MOST_SECONDS):
                async with self._database.reading() as session:
                    return await look(session, self._redis_url)
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("jobs can't be looked at", reason=type(error).__name__)
            return None


async def look(session: AsyncSession, redis_url: str) -> Overview:
    """What there is at this moment. Raises SQLAlchemyError."""
    link, heard = await _listen(redis_url)
    return overview(link, heard, await rows(session), now())


def look_now(engine: Engine, redis_url: str) -> Overview:
    """The same for a command. Raises SQLAlchemyError."""
    link, heard = _listen_now(redis_url)
    with engine.connect() as connection:
        told = Rows(*(connection.execute(query).all() for query in _queries()))
    return overview(link, heard, told, now())


async def rows(session: AsyncSession) -> Rows:
    """What the database knows. Raises SQLAlchemyError."""
    return Rows(*[(await session.execute(query)).all() for query in _queries()])


def _queries() -> tuple[Select[*tuple[Any, ...]], ...]:
    return queries.loads(), queries.waits(), queries.pauses()


async def _listen(url: str) -> tuple[Link, Heard]:
    from redis import RedisError  # noqa: PLC0415  half a second that most commands need not spend
    from redis.asyncio import Redis  # noqa: PLC0415
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    if not url:
        return Link.NONE, Heard()
    try:
        async with Redis.from_url(url, **_IMPATIENT, retry=Retry(NoBackoff(), 0)) as client:
            processes = await presence.seen(client)
            async with client.pipeline(transaction=False) as pipeline:
                for queue in Queue:
                    pipeline.llen(tickets.key(queue))
                return Link.ANSWERS, Heard(processes, _by_queue(await pipeline.execute()))
    except (RedisError, ValueError):  # ValueError: the address is none
        return Link.AWAY, Heard()


def _listen_now(url: str) -> tuple[Link, Heard]:
    from redis import Redis, RedisError  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    if not url:
        return Link.NONE, Heard()
    try:
        with Redis.from_url(url, **_IMPATIENT, retry=Retry(NoBackoff(), 0)) as client:
            lengths = [client.llen(tickets.key(queue)) for queue in Queue]
            return Link.ANSWERS, Heard(presence.seen_now(client), _by_queue(lengths))
    except (RedisError, ValueError):  # ValueError: the address is none
        return Link.AWAY, Heard()


def _by_queue(lengths: Sequence[Any]) -> dict[str, int]:
    return {queue: int(length) for queue, length in zip(Queue, lengths, strict=True)}
