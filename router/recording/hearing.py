"""One request that may be recorded: what it sends, and how it is answered."""

from router.types import BODIES, Message, Receive, Scope, Send


class Hearing:
    """``status`` is 0 until the answer has started; ``whole``: its last byte went out.

    ``body`` is None where it was not heard to its end, or is longer than ``limit`` bytes.
    """

    __slots__ = ("_heard", "_limit", "body", "scope", "status", "whole")

    def __init__(self, scope: Scope, limit: int) -> None:
        # Before the backends add to it what is theirs.
        self.scope: Scope = {**scope, "headers": list(scope["headers"])}
        self.status = 0
        self.whole = False
        self.body: bytes | None = None
        self._heard = bytearray()
        self._limit = limit

    def receive_of(self, receive: Receive) -> Receive:
        async def heard() -> Message:
            message = await receive()
            if message["type"] == "http.request" and self.body is None and len(self._heard) <= self._limit:
                self._heard += message.get("body", b"")
                if not message.get("more_body", False) and len(self._heard) <= self._limit:
                    self.body = bytes(self._heard)
            return message

        return heard

    def send_of(self, send: Send) -> Send:
        async def seen(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                self.status = message["status"]
            elif message["type"] in BODIES and not message.get("more_body", False):
                self.whole = True

        return seen
