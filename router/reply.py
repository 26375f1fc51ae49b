"""What goes back to the client: the backend's answer, signed with who gave it."""

from operator import itemgetter

from router.body_limit import BodyLimit
from router.privacy import with_privacy
from router.request_id import HEADER as REQUEST_ID
from router.row import Side
from router.types import BODIES, Headers, Message, Send

SERVED_BY = b"x-served-by"
EXPLAIN = b"x-strangler-explain"
FALLBACK = b"x-strangler-fallback"
# ASGI wants names in lower case; those few applications that don't care write them like this.
_OURS = frozenset({SERVED_BY, REQUEST_ID, EXPLAIN, FALLBACK, b"X-Served-By", b"X-Request-ID", b"X-Request-Id"})

_NAME = itemgetter(0)
_SIGNATURES = {side: (SERVED_BY, side.value.encode()) for side in Side}


class Reply:
    """The ``send`` that a backend gets.

    Adds the router's headers and takes away what a backend put in their place. ``status`` is 0 until the answer has
    started. With ``bodiless`` the headers go out as they are and the body does not. With ``private`` caches are told
    that the answer is one visitor's. After ``limit`` was exceeded, nothing of the backend's answer goes out: the router
    will say 413. ``failed``: the side that was chosen did not answer as it should; ``fell_back``: the other one did.
    ``lost``: the server could not take the answer.
    """

    # One is made for each request: what is rarely otherwise stands here, where it costs nothing.
    status = 0
    bodiless = failed = fell_back = lost = False
    limit: BodyLimit | None = None

    def __init__(self, send: Send, side: Side, headers: Headers, private: bool = False) -> None:
        self._send = send
        self.headers = headers
        self.served_by = side
        self.private = private

    async def __call__(self, message: Message) -> None:
        if self.limit is None or not self.limit.exceeded or self._is_own:
            await self._out(message)

    async def _out(self, *messages: Message) -> None:
        try:
            for message in messages:
                await self._send(self._signed(message))
        except Exception:  # the client's edge: noted, so that nobody else is blamed
            self.lost = True
            raise

    def _signed(self, message: Message) -> Message:
        """What goes out for what the backend said."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            kept = message.get("headers", ())
            if not isinstance(kept, list):  # ASGI allows what can be read but once
                kept = [*kept]
            if not _OURS.isdisjoint(map(_NAME, kept)):
                kept = [pair for pair in kept if pair[0] not in _OURS]
            if self.private:
                kept = with_privacy(kept)
            return {**message, "headers": [*kept, _SIGNATURES[self.served_by], *self.headers]}
        if self.bodiless and message["type"] in BODIES:
            return {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
        return message

    @property
    def is_too_large(self) -> bool:
        """Whether the request's body went beyond its limit."""
        return self.limit is not None and self.limit.exceeded

    @property
    def _is_own(self) -> bool:
        return self.served_by is Side.ROUTER or self.status != 0
