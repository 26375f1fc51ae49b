"""What goes back to the client: the backend's answer, signed with who gave it."""

from router.body_limit import BodyLimit
from router.request_id import HEADER as REQUEST_ID
from router.row import Side
from router.types import Headers, Message, Send

SERVED_BY = b"x-served-by"
EXPLAIN = b"x-strangler-explain"
# ASGI wants names in lower case; those few applications that don't care write them like this.
_OURS = frozenset({SERVED_BY, REQUEST_ID, EXPLAIN, b"X-Served-By", b"X-Request-ID", b"X-Request-Id"})

_SIGNATURES = {side: (SERVED_BY, side.value.encode()) for side in Side}


class Reply:
    """The ``send`` that a backend gets.

    Adds the router's headers and takes away what a backend put in their place. ``status`` is 0 until the answer has
    started. With ``bodiless`` the headers go out as they are and the body does not. After ``limit`` was exceeded,
    nothing of the backend's answer goes out: the router will say 413.
    """

    __slots__ = ("_headers", "_send", "bodiless", "limit", "served_by", "status")

    def __init__(self, send: Send, side: Side, headers: Headers) -> None:
        self._send = send
        self._headers = headers
        self.served_by = side
        self.status = 0
        self.bodiless = False
        self.limit: BodyLimit | None = None

    async def __call__(self, message: Message) -> None:
        if self.limit is not None and self.limit.exceeded and not self._is_own:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            kept = [pair for pair in message.get("headers", ()) if pair[0] not in _OURS]
            message = {**message, "headers": [*kept, _SIGNATURES[self.served_by], *self._headers]}
        elif self.bodiless and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    @property
    def _is_own(self) -> bool:
        return self.served_by is Side.ROUTER or self.status != 0
