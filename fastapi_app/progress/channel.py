"""A channel of Redis, heard for as long as the process lives."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

CONNECT_WITHIN = 2.0
SILENCE = 5.0
"""Seconds without a message after which Redis is asked whether it is there; as many again, and it counts as gone."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0

log = structlog.get_logger(__name__)


class Channel:
    """What is published on one channel. `connected` says whether it is heard at this moment."""

    def __init__(self, url: str, name: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._url = url
        self._name = name
        self._sleep = sleep
        self.connected = False

    async def listen(self) -> AsyncGenerator[bytes, None]:
        """Every message, without end. Connects again and again; what is published meanwhile is missed."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with aclosing(self._heard()) as messages:
                    async for message in messages:
                        pause = FIRST_PAUSE
                        yield message
            except (RedisError, OSError, TimeoutError) as error:
                if self.connected or pause == FIRST_PAUSE:
                    log.warning("Redis is away", channel=self._name, reason=type(error).__name__)
            finally:
                self.connected = False
            await self._sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load, guards nothing
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _heard(self) -> AsyncGenerator[bytes, None]:
        """The messages of one connection. Raises when it ends."""
        options: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": CONNECT_WITHIN}
        redis = Redis.from_url(self._url, **options)
        pubsub = redis.pubsub()
        try:
            await pubsub.subscribe(self._name)
            asked = False
            while True:
                message = await pubsub.get_message(timeout=SILENCE)
                if message is None:
                    if asked:
                        raise TimeoutError
                    asked = True
                    await pubsub.ping()
                    continue
                asked = False
                if message["type"] == "subscribe":
                    self.connected = True
                elif message["type"] == "message":
                    yield message["data"]
        finally:
            with suppress(RedisError, OSError):
                await pubsub.aclose()  # type: ignore[no-untyped-call]
                await redis.aclose()
