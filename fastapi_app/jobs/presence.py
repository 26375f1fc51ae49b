"""Which workers are there: each says so in Redis every few seconds, by Redis's own clock.

`python -m fastapi_app.jobs.presence worker|beat` ends with 0 when one is seen on this host: a container's health check.
"""

import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

KEY = "mvidarr:alive"
"""A hash: name of the process, and what it said as JSON."""

EVERY_SECONDS = 5.0
ALIVE_SECONDS = 15.0
_KEPT_SECONDS = 3600.0
_PATIENCE = 1.0


class Role(StrEnum):
    """What a process does for jobs: a worker runs them, beat keeps time."""

    WORKER = "worker"
    BEAT = "beat"


@dataclass(frozen=True)
class Presence:
    """A process that said it is there. `age` is how many seconds ago."""

    name: str
    role: Role
    host: str
    queues: tuple[str, ...]
    age: float = 0.0

    @property
    def alive(self) -> bool:
        return self.age <= ALIVE_SECONDS


def announce(redis: Any, presence: Presence) -> None:
    """Says that the process is there; `redis` is a blocking client. Forgets who has been silent for an hour.

    Raises RedisError while Redis is away.
    """
    moment = _seconds(redis.time())
    told = {"role": presence.role, "host": presence.host, "queues": list(presence.queues), "at": moment}
    redis.hset(KEY, presence.name, json.dumps(told))
    silent = [found.name for found in present(redis.hgetall(KEY), moment) if found.age > _KEPT_SECONDS]
    if silent:
        redis.hdel(KEY, *silent)


def leave(redis: Any, name: str) -> None:
    """Takes back what was announced, at an orderly end."""
    redis.hdel(KEY, name)


async def seen(redis: Any) -> tuple[Presence, ...]:
    """Who was there lately; `redis` is an asyncio client. Raises RedisError while Redis is away."""
    moment = _seconds(await redis.time())
    return present(await redis.hgetall(KEY), moment)


def seen_now(redis: Any) -> tuple[Presence, ...]:
    """The same with a blocking client."""
    moment = _seconds(redis.time())
    return present(redis.hgetall(KEY), moment)


def present(told: Mapping[Any, Any], moment: float) -> tuple[Presence, ...]:
    """What the hash tells at `moment`, by name. What can't be read is left out: another version wrote it."""
    found = (_read(_text(name), value, moment) for name, value in told.items())
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.name))


def _read(name: str, value: Any, moment: float) -> Presence | None:
    try:
        said = json.loads(value)
        age = max(0.0, moment - float(said["at"]))
        return Presence(name, Role(said["role"]), str(said["host"]), tuple(map(str, said["queues"])), age)
    except (ValueError, KeyError, TypeError):
        return None


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _seconds(time: tuple[int, int]) -> float:
    return time[0] + time[1] / 1_000_000


def _here(role: Role, address: str) -> bool:
    """Whether one of this host is seen. False while Redis is away, or none is configured."""
    import redis  # noqa: PLC0415  only this check needs it

    if not address:
        return False
    options = {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
    try:
        with redis.Redis.from_url(address, **options) as client:
            found = seen_now(client)
    except (redis.RedisError, ValueError):
        return False
    return any(one.alive and one.role is role and one.host == socket.gethostname() for one in found)


def _main(arguments: list[str]) -> int:
    from fastapi_app.config import Config  # noqa: PLC0415

    return 0 if _here(Role(arguments[0]), Config().redis_url) else 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
