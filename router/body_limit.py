"""The largest request body, enforced while it arrives."""

from router.types import Message, Receive


class BodyLimit:
    """A ``receive`` that ends after ``limit`` bytes, as if the client had left. ``exceeded`` tells that it did."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.exceeded = False

    async def __call__(self) -> Message:
        if not self.exceeded:
            message = await self._receive()
            self._left -= len(message.get("body", b""))
            self.exceeded = self._left < 0
            if not self.exceeded:
                return message
        return {"type": "http.disconnect"}
