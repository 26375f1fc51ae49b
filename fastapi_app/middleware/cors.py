"""Lets pages of named origins read answers. Without any, nothing is added to any answer: the browser keeps all out."""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi_app.middleware.origins import canonical
from fastapi_app.urls import header

Headers = list[tuple[bytes, bytes]]

_VARY = (b"vary", b"Origin")
_CREDENTIALS = (b"access-control-allow-credentials", b"true")
_EXPOSED = (b"access-control-expose-headers", b"Content-Disposition, Content-Range, Retry-After, X-Request-ID")
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"DELETE, GET, HEAD, PATCH, POST, PUT"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Range, X-Api-Key, X-Requested-With"),
    (b"access-control-max-age", b"600"),
]


class CORS:
    """Answers preflights of `allowed` origins (as `canonical` writes them), and marks what they may read.

    Other origins' preflights go on and are answered like any OPTIONS.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self.app = app
        self.allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        origin = header(scope, b"origin")
        known = canonical(origin) in self.allowed if origin else False
        granted: Headers = [(b"access-control-allow-origin", origin.encode("latin-1")), _CREDENTIALS] if known else []
        if known and scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method"):
            await send({"type": "http.response.start", "status": 204, "headers": [*granted, *_PREFLIGHT, _VARY]})
            await send({"type": "http.response.body", "body": b""})
            return
        added = [*granted, _EXPOSED, _VARY] if known else [_VARY]

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self.app(scope, receive, send_marked)
