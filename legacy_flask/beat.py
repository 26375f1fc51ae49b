"""Whether the process that keeps time is there: it says so in Redis every few seconds."""

import json
from typing import Any

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

_KEY = "mvidarr:alive"
_ALIVE_SECONDS = 15.0
_IMPATIENT: dict[str, Any] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}


def beat_is_gone(redis_url: str) -> bool:
    """Whether Redis answers, and nobody keeps time. Where there is no Redis, or it is away or slow, nobody
    knows."""
    if not redis_url:
        return False
    try:
        with Redis.from_url(redis_url, **_IMPATIENT, retry=Retry(NoBackoff(), 0)) as redis:
            seconds, microseconds = redis.time()
            told: dict[Any, Any] = redis.hgetall(_KEY)
    except (RedisError, ValueError):  # ValueError: the address is none
        return False
    now = seconds + microseconds / 1_000_000
    return not any(_is_beat(value, now) for value in told.values())


def _is_beat(value: Any, now: float) -> bool:
    try:
        said = json.loads(value)
        return bool(said["role"] == "beat" and now - float(said["at"]) <= _ALIVE_SECONDS)
    except (ValueError, KeyError, TypeError):
        return False
