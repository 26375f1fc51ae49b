"""Refuses an address that asks far more often than people and players do."""

import ipaddress
import time
from collections.abc import Callable
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi_app.errors import TooManyRequests, render
from fastapi_app.middleware.tally import Tally
from fastapi_app.middleware.windows import Windows
from fastapi_app.urls import is_copy, route_path

SECONDS = 10
MESSAGE = "Too many requests, try again later"
SHARE = 10
"""Redis is asked only about addresses that used up more than a tenth of the limit here: others cost no round trip."""

_EXEMPT = ("/static/", "/css/", "/js/", "/favicon.ico", "/healthz", "/readyz", "/metrics", "/api/health")
_NETWORK_OF_ONE = 64


class Flood:
    """At most `limit` requests in ten seconds from one address; beyond it 429. Copies of a request don't count.

    What this process counted decides first; the `Tally` of the lifespan's state, if there is one, adds the others'.
    """

    def __init__(self, app: ASGIApp, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._windows = Windows(limit, SECONDS)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        address = subject(client[0]) if client else ""
        if scope["type"] != "http" or not address or is_copy(scope) or route_path(scope).startswith(_EXEMPT):
            await self.app(scope, receive, send)
            return
        at = self._clock()
        if await self._within(address, at, scope.get("state", {}).get("tally")):
            await self.app(scope, receive, send)
        else:
            await render(TooManyRequests(self._windows.wait(at), MESSAGE), scope)(scope, receive, send)

    async def _within(self, address: str, at: float, tally: Tally | None) -> bool:
        seen = self._windows.hit(address, at)
        if tally is None or seen > self._windows.limit or seen * SHARE <= self._windows.limit:
            return seen <= self._windows.limit
        return await tally.hit(address)


@lru_cache(maxsize=4096)
def subject(address: str) -> str:
    """Who is counted: the address, of IPv6 the network that one customer gets, nobody for this machine itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return ""
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((int(found), _NETWORK_OF_ONE), strict=False))
