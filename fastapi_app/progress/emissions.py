"""What other processes emit to our Socket.IO clients through Redis: Flask-SocketIO with a message queue, for one."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from socketio.async_pubsub_manager import AsyncPubSubManager  # type: ignore[import-untyped]

from fastapi_app.progress.channel import Channel

CHANNEL = "socketio"
"""Where python-socketio and Flask-SocketIO publish unless told otherwise."""


class Emissions(AsyncPubSubManager):  # type: ignore[misc]
    """Hears the channel and publishes nothing: every process hears of jobs by itself.

    The library's own manager would wait up to a minute after Redis is back, and leaves connections open.
    """

    name = "emissions"

    def __init__(self, redis_url: str) -> None:
        super().__init__(channel=CHANNEL)
        self._heard = Channel(redis_url, CHANNEL)

    def stop(self) -> None:
        """Stops hearing."""
        task = getattr(self, "thread", None)
        if task is not None:
            task.cancel()

    async def _publish(self, data: Any) -> None:
        """Nobody needs to know."""

    async def _listen(self) -> AsyncIterator[bytes]:
        async with aclosing(self._heard.listen()) as messages:
            async for message in messages:
                yield message
