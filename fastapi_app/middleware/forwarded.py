"""What a proxy says about the visitor, believed once and only from proxies that are trusted."""

from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from fastapi_app.urls import is_host

_FORWARDED = b"x-forwarded-"


class Forwarded:
    """The outermost layer: X-Forwarded-For, -Proto and -Host of a `trusted` proxy become the request's own.

    `trusted` are addresses and networks, separated by commas, or `*`. uvicorn reads the first two headers; the host is
    the one that the nearest proxy names. Whoever sent them, the headers end here, so nothing behind can believe them
    again. A prefix is configured and never believed.
    """

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        self.app = app
        self._proxies = ProxyHeadersMiddleware(cast("Any", self._enter), trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        if client is not None and client[0] in self._proxies.trusted_hosts:
            scope["headers"] = _renamed(scope["headers"])
        await self._proxies(cast("Any", scope), cast("Any", receive), cast("Any", send))

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope["headers"]
        scope["headers"] = [pair for pair in headers if not pair[0].startswith(_FORWARDED) and pair[0] != b"forwarded"]
        await self.app(scope, receive, send)


def _renamed(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, with the Host that the nearest proxy names where it is one."""
    told = [value for name, value in headers if name == b"x-forwarded-host"]
    host = told[-1].rpartition(b",")[2].strip() if told else b""
    if not is_host(host.decode("latin-1")):
        return headers
    return [(b"host", host), *(pair for pair in headers if pair[0] != b"host")]
