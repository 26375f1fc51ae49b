"""Brings the login cookie in, and out again where the answer changes or prolongs it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi_app.auth.cookies import BrowserSession, cookie_value
from fastapi_app.models import now
from fastapi_app.urls import header


class SessionCookie:
    """Puts a BrowserSession into `scope["session"]`. Its content is read only when somebody asks."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        session = BrowserSession(scope["state"]["signer"], cookie_value(header(scope, b"cookie")))
        scope["session"] = session

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_headers(session, scope)]
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _headers(session: BrowserSession, scope: Scope) -> list[tuple[bytes, bytes]]:
    cookie = session.set_cookie(now(), secure=scope.get("scheme") == "https")
    vary = [(b"vary", b"Cookie")] if session.accessed or cookie else []
    return [*vary, (b"set-cookie", cookie.encode())] if cookie else vary
