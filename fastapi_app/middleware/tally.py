"""How often each address asked of all processes together: counted in Redis, where there is one."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis import RedisError
from redis.asyncio import BlockingConnectionPool

PREFIX = "mvidarr"
NAMESPACE = "flood"
RETRY_SECONDS = 10.0
_PATIENCE = 0.25
_CONNECTIONS = 8

log = structlog.get_logger(__name__)


class Tally:
    """A limit that several processes share. While Redis is away it lets everybody pass, and says so once."""

    def __init__(self, url: str, limit: int, seconds: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=_PATIENCE,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
        )
        pool: Any = self._pool  # an option like any other, of a type that limits does not foresee
        storage = RedisStorage("redis://", implementation="redispy", key_prefix=PREFIX, connection_pool=pool)
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._item = RateLimitItemPerSecond(limit, seconds, NAMESPACE)
        self._clock = clock
        self._away_until = 0.0
        self._told = False

    async def hit(self, address: str) -> bool:
        """Counts a request. Whether it is within the limit."""
        if self._clock() < self._away_until:
            return True
        try:
            within = await self._limiter.hit(self._item, address)
        except RedisError as error:
            self._away_until = self._clock() + RETRY_SECONDS
            if not self._told:
                log.warning("floods are counted per process, Redis is away", reason=type(error).__name__)
            self._told = True
            return True
        self._told = False
        return within

    async def close(self) -> None:
        await self._pool.aclose()
