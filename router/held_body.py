"""A request's body that can be given twice."""

from router.types import Message, Receive


class HeldBody:
    """A ``receive`` that remembers what it gave, up to ``limit`` bytes.

    ``overflowed`` tells that it could not; ``left`` that the client is gone.
    """

    __slots__ = ("_kept", "_receive", "_room", "left", "overflowed")

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._room = limit
        self._kept: list[Message] = []
        self.left = False
        self.overflowed = False

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.left = True
        elif not self.overflowed:
            self._room -= len(message.get("body", b""))
            self.overflowed = self._room < 0
            if self.overflowed:
                self._kept.clear()
            else:
                self._kept.append(message)
        return message

    def again(self) -> Receive:
        """A ``receive`` that begins anew, and goes on with what nobody has read yet."""
        kept = iter(self._kept)

        async def receive() -> Message:
            for message in kept:
                return message
            return await self._receive()

        return receive
