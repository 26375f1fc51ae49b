"""Refuses what a page of another site sends in a visitor's name (CSRF), without tokens."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi_app.auth.credential import presented
from fastapi_app.errors import ForeignRequest, render
from fastapi_app.middleware.origins import is_foreign
from fastapi_app.transaction import SAFE_METHODS
from fastapi_app.urls import header, host

_SECURE = frozenset({"https", "wss"})
_POLICY_VIOLATION = 1008


class ForeignRequests:
    """Guards every write and every WebSocket.

    Not only those with a cookie: while the login gate is open, or from inside a home network, a page of another site
    could write without one. A credential in a header is let through, because no page can add that header without
    being asked for it first (CORS); one in the address is not. `allowed` are further origins, as `canonical` writes
    them.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str] = ()) -> None:
        self.app = app
        self.allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http" and scope["method"] not in SAFE_METHODS and self._refuses(scope):
            await render(ForeignRequest(), scope)(scope, receive, send)
        elif kind == "websocket" and self._refuses(scope):
            await receive()
            # Closed before it was accepted: the server answers the handshake with 403.
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await self.app(scope, receive, send)

    def _refuses(self, scope: Scope) -> bool:
        fetch_site, origin = header(scope, b"sec-fetch-site"), header(scope, b"origin")
        if not (fetch_site or origin) or _names_sender(scope):
            return False
        scheme = "https" if scope.get("scheme") in _SECURE else "http"
        return is_foreign(fetch_site, origin, host(scope), self.allowed, scheme=scheme)


def _names_sender(scope: Scope) -> bool:
    """Whether a header of its own says who sends the request, so that no cookie is asked."""
    headers = dict(scope["headers"])
    authorization, key = (headers.get(name) for name in (b"authorization", b"x-api-key"))
    return presented(_text(authorization), _text(key), b"") is not None


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
