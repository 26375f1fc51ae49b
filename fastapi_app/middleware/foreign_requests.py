"""Refuses what a page of another site sends in a visitor's name (CSRF), without tokens."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi_app.auth.cookies import cookie_value
from fastapi_app.errors import ForeignRequest, render
from fastapi_app.transaction import SAFE_METHODS
from fastapi_app.urls import LOGIN_PATH, header, host, route_path

_LOGIN_PATHS = frozenset({LOGIN_PATH, "/auth/login"})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_foreign(fetch_site: str, origin: str, own_host: str) -> bool:
    """Whether the browser says that another site sent this. Scripts send neither header and pass."""
    if fetch_site.lower() == "cross-site":
        return True
    return bool(origin) and _host_of(origin) != own_host.lower().removesuffix(":80").removesuffix(":443")


def _host_of(origin: str) -> str:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    return parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ""))


class ForeignRequests:
    """Guards writes that carry the login cookie, and logins."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and _is_refused(scope):
            await render(ForeignRequest(), scope)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_refused(scope: Scope) -> bool:
    guarded = route_path(scope) in _LOGIN_PATHS or bool(cookie_value(header(scope, b"cookie")))
    return guarded and is_foreign(header(scope, b"sec-fetch-site"), header(scope, b"origin"), host(scope))
