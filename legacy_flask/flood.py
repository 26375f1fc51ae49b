"""Refuses an address that asks far more often than people and players do."""

import ipaddress
import threading
import time
from collections.abc import Callable
from functools import lru_cache

from flask import Flask, current_app, request
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import BlockingConnectionPool, RedisError

from legacy_flask.copies import is_copy
from legacy_flask.errors import TooManyRequests

SECONDS = 10
SHARE = 10
"""Redis is asked only about addresses that used up more than a tenth of the limit here."""
RETRY_SECONDS = 10.0
_PATIENCE = 0.25
_CONNECTIONS = 8
_MOST_ADDRESSES = 50_000
_EXTENSION = "mvidarr_flood"
_MESSAGE = "Too many requests, try again later"
_EXEMPT = ("/static/", "/css/", "/js/", "/favicon.ico", "/healthz", "/readyz", "/metrics", "/api/health")


class Flood:
    """Counts requests per address over the last ten seconds, in memory that can't be filled; in Redis what is much.

    `redis_url` may be empty. While Redis is away only this process counts, and says so once.
    """

    def __init__(self, limit: int, redis_url: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._window = -1
        self._current: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._away_until = 0.0
        self._told = False
        self._pool = _pool(redis_url) if redis_url and limit else None
        self._item = RateLimitItemPerSecond(limit, SECONDS, "flood")
        self._shared = _limiter(self._pool) if self._pool else None

    def refuse(self, address: str) -> None:
        """Counts one request. Raises TooManyRequests when it is one too many; that one is not counted."""
        at = self._clock()
        with self._lock:
            seen = self._hit(address, at)
        beyond = seen > self.limit
        if not beyond and seen * SHARE > self.limit and self._shared is not None and at >= self._away_until:
            beyond = not self._hit_shared(self._shared, address)
        if beyond:
            raise TooManyRequests(int(SECONDS - at % SECONDS) + 1, _MESSAGE)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.disconnect()

    def _hit(self, address: str, at: float) -> int:
        """Requests of late, this one included. The window before this one fades as this one fills."""
        window = int(at // SECONDS)
        if window != self._window:
            self._before = self._current if window == self._window + 1 else {}
            self._current, self._window = {}, window
        now = self._current.get(address, 0)
        seen = int(now + self._before.get(address, 0) * (1 - at % SECONDS / SECONDS)) + 1
        if seen <= self.limit:
            if not now and len(self._current) >= _MOST_ADDRESSES:
                self._current, self._before = {}, {}
            self._current[address] = now + 1
        return seen

    def _hit_shared(self, shared: SlidingWindowCounterRateLimiter, address: str) -> bool:
        try:
            within = shared.hit(self._item, address)
        except RedisError as error:
            self._away_until = self._clock() + RETRY_SECONDS
            if not self._told:
                reason = type(error).__name__
                current_app.logger.warning("floods are counted per process, Redis is away: %s", reason)
            self._told = True
            return True
        self._told = False
        return within


def keep(flood: Flood, app: Flask) -> None:
    """Makes `flood` that of `app`."""
    app.extensions[_EXTENSION] = flood


def of(app: Flask) -> Flood:
    found: Flood = app.extensions[_EXTENSION]
    return found


def refuse_flood() -> None:
    """Before every view. Raises TooManyRequests."""
    flood = of(current_app)
    address = subject(request.remote_addr or "")
    if flood.limit and address and not is_copy() and not f"/{request.path.lstrip('/')}".startswith(_EXEMPT):
        flood.refuse(address)


@lru_cache(maxsize=4096)
def subject(address: str) -> str:
    """Who is counted: the address, of IPv6 the network that one customer gets, nobody for this machine itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return "" if found.is_loopback else str(ipaddress.ip_network((int(found), 64), strict=False))
        found = found.ipv4_mapped
    return "" if found.is_loopback else str(found)


def _pool(url: str) -> BlockingConnectionPool:
    return BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_PATIENCE,
        socket_timeout=_PATIENCE,
        socket_connect_timeout=_PATIENCE,
    )


def _limiter(pool: BlockingConnectionPool) -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(RedisStorage("redis://", connection_pool=pool, key_prefix="mvidarr"))
