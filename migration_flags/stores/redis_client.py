"""The one place that knows the package ``redis``; it is imported at the first connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast

from migration_flags.errors import StoreUnavailable

CONNECT_WITHIN = 2.0
ANSWER_WITHIN = 5.0


class WatchFailed(Exception):
    """Another writer came first, or the connection broke while a transaction was open."""


class Client(Protocol):
    """What the store asks of a client whose answers are texts."""

    def get(self, name: str) -> str | None: ...
    def lrange(self, name: str, start: int, end: int) -> list[str]: ...
    def hset(self, name: str, key: str, value: str) -> int: ...
    def hvals(self, name: str) -> list[str]: ...
    def hgetall(self, name: str) -> dict[str, str]: ...
    def hdel(self, name: str, key: str) -> int: ...
    def incr(self, name: str) -> int: ...
    def time(self) -> tuple[int, int]: ...
    def pipeline(self) -> Any: ...
    def close(self) -> None: ...


def connect(name: str, url: str) -> Client:
    """A client for ``url``. Sends nothing. Raises `StoreUnavailable` for what is no address."""
    import redis  # noqa: PLC0415  flags work without it
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    try:
        client = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=CONNECT_WITHIN,
            socket_timeout=ANSWER_WITHIN,
            retry=Retry(NoBackoff(), 1),  # a server that was restarted is found again
        )
    except ValueError as error:
        raise StoreUnavailable(name, "its address can't be used") from error
    return cast("Client", client)


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Foreign errors end here. Their text may carry an address with its password, so only their kind goes on."""
    try:
        import redis  # noqa: PLC0415
    except ImportError as error:
        raise StoreUnavailable(name, "the package redis is not installed") from error
    try:
        yield
    except redis.WatchError as error:
        raise WatchFailed from error
    except (redis.RedisError, OSError, UnicodeError) as error:
        raise StoreUnavailable(name, type(error).__name__) from error
