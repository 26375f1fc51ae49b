"""A request that is to be mirrored: its copy, and what the primary answers meanwhile."""

from typing import Any

from router.mirror.limits import MirrorLimits
from router.mirror.recorder import Recorder
from router.row import Row
from router.types import Headers, Message, Receive, Scope, Send

HEADER = b"x-strangler-shadow"
EXTENSION = "http.request.copy"
"""In ``scope["extensions"]``: nobody waits for the answer, another application gave it already.

No client can say so. It is for what counts requests, or limits them, and needs to know nothing of a migration.
"""


class Ticket:
    """``tap`` wraps the ``send`` that the primary's answer goes through, `overhear` its ``receive``."""

    __slots__ = (
        "__weakref__",
        "_limits",
        "_needs_body",
        "body",
        "duration",
        "primary",
        "row",
        "scope",
        "shape",
        "started",
    )

    def __init__(self, row: Row, scope: Scope, shape: str, started: float, limits: MirrorLimits) -> None:
        self.row = row
        self.shape = shape
        self.started = started
        self.duration = 0.0
        self.scope = _copied(scope)
        self.body = b""
        self.primary = Recorder(limits, bodiless=scope["method"] == "HEAD")
        self._limits = limits
        self._needs_body = has_body(scope)

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    @property
    def query(self) -> str:
        query: bytes = self.scope.get("query_string", b"")
        return query.decode("latin-1")

    @property
    def size(self) -> int:
        return self.primary.kept + len(self.body)

    @property
    def has_request(self) -> bool:
        """Whether all of the request is known."""
        return not self._needs_body

    def tap(self, send: Send) -> Send:
        async def tapped(message: Message) -> None:
            await send(message)
            self.primary.record(message)

        return tapped

    def overhear(self, receive: Receive) -> Receive:
        """The same ``receive`` where no body follows."""
        if not self._needs_body:
            return receive
        heard = bytearray()

        async def overheard() -> Message:
            message = await receive()
            if message["type"] == "http.request" and self._needs_body and len(heard) <= self._limits.request_bytes:
                heard.extend(message.get("body", b""))
                if len(heard) <= self._limits.request_bytes and not message.get("more_body", False):
                    self.body, self._needs_body = bytes(heard), False
            return message

        return overheard

    def request(self, state: dict[str, Any]) -> Scope:
        """A scope of its own for each side that is asked."""
        headers: Headers = self.scope["headers"]
        if self.body:
            headers = [*headers, (b"content-length", b"%d" % len(self.body))]
        return {**self.scope, "headers": [*headers, (HEADER, b"1")], "state": state, "extensions": {EXTENSION: {}}}


_UNCOPIED = frozenset({HEADER, b"content-length", b"transfer-encoding", b"expect"})
_MEMBERS = (
    "type",
    "asgi",
    "http_version",
    "method",
    "scheme",
    "path",
    "raw_path",
    "query_string",
    "root_path",
    "client",
    "server",
)


def has_body(scope: Scope) -> bool:
    """Whether a body may follow: HTTP/1 says so in the head."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0 "))
        for name, value in scope["headers"]
    )


def _copied(scope: Scope) -> Scope:
    """What a server would have said; nothing that one of the applications put there."""
    copy = {name: scope[name] for name in _MEMBERS if name in scope}
    copy["headers"] = [pair for pair in scope["headers"] if pair[0] not in _UNCOPIED]
    copy["state"] = dict(scope.get("state", {}))
    return copy
