"""The edge where an unexpected error becomes an answer that tells nothing, and a log line that tells all."""

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi_app.errors import AppError, render

log = structlog.get_logger(__name__)


EXCEPTIONS = "http.exceptions"
"""An ASGI extension: the server wants to see the exceptions that were answered, too."""


class InternalError(AppError):
    """Something that nobody foresaw."""

    def __init__(self) -> None:
        super().__init__("Internal server error")


class Failures:
    """Answers 500 for whatever the application did not expect.

    Inside the middleware that adds headers, so that this answer carries them too. Where the server offers `EXCEPTIONS`,
    the exception is raised after the answer, as Starlette's own handler does.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except ClientDisconnect:
            log.info("the client left before its request was read", path=scope["path"])
        except Exception:  # the edge of a request: recorded, then answered, or raised where the answer has begun
            log.exception("a request failed", method=scope["method"], path=scope["path"])
            if started:
                raise
            await render(InternalError(), scope)(scope, receive, send)
            if EXCEPTIONS in (scope.get("extensions") or {}):
                raise
