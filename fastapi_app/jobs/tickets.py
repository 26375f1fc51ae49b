"""Tickets: messages that say there may be work on a queue. They name no job, so a lost or a repeated one does no harm.

A ticket is a message as Celery's own client writes it for Redis. We write it ourselves, so that the web needs neither
Celery nor a connection of Kombu's.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from redis import Redis

from fastapi_app.jobs.states import Queue

TASK = "mvidarr.run_next"
PREFIX = "mvidarr:"
"""Before every key of ours in a Redis that others may use too."""
MOST_WAITING = 100


def key(queue: Queue) -> str:
    """The Redis list on which the tickets of a queue wait."""
    return f"{PREFIX}{queue}"


def ticket(queue: Queue, unique: str) -> bytes:
    """One message. `unique` is its id, a text that no other message has."""
    body = json.dumps([[queue], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    message: dict[str, Any] = {
        "body": b64encode(body.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            "lang": "py",
            "task": TASK,
            "id": unique,
            "root_id": unique,
            "parent_id": None,
            "group": None,
            "retries": 0,
            "eta": None,
            "expires": None,
            "timelimit": [None, None],
            "argsrepr": repr((str(queue),)),
            "kwargsrepr": "{}",
            "ignore_result": True,
        },
        "properties": {
            "correlation_id": unique,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": queue},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": unique,
        },
    }
    return json.dumps(message).encode()


def missing(claimable: int, waiting: int, most: int = MOST_WAITING) -> int:
    """How many tickets a queue lacks, with that many jobs that could be run and that many tickets on it."""
    return max(0, min(claimable, most) - waiting)


def publish(redis: Redis, queue: Queue, number: int = 1) -> None:
    """Puts tickets on a queue. Raises redis.RedisError."""
    if number > 0:
        redis.lpush(key(queue), *(ticket(queue, str(uuid4())) for _ in range(number)))


def replenish(redis: Redis, claimable: Mapping[Queue, int]) -> int:
    """Puts the tickets that are missing on every queue; answers how many. Raises redis.RedisError."""
    published = 0
    for queue, jobs in claimable.items():
        number = missing(jobs, int(redis.llen(key(queue)))) if jobs else 0
        publish(redis, queue, number)
        published += number
    return published
