"""A request's body, read ahead of who it is for."""

import asyncio

from router.types import Message, Receive


class BodyAhead:
    """``body`` is None unless all of it came, within the limit and in time. `receive` gives everything once more."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []
        self.body: bytes | None = None

    async def read(self, most: int, within: float) -> None:
        """Reads up to ``most`` bytes, for ``within`` seconds. What came is kept in any case."""
        size = 0
        try:
            async with asyncio.timeout(within):
                while size <= most:
                    message = await self._receive()
                    self._messages.append(message)
                    if message["type"] != "http.request":
                        return
                    size += len(message.get("body", b""))
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            return
        if size <= most:
            self.body = b"".join(message.get("body", b"") for message in self._messages)

    async def receive(self) -> Message:
        return self._messages.pop(0) if self._messages else await self._receive()
