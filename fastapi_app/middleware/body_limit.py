"""Bounds what a client may send."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi_app.errors import TooLarge, render
from fastapi_app.urls import header


class BodyLimit:
    """Refuses bodies above `limit` bytes: at once when their length is declared, else when it is passed."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = header(scope, b"content-length")
        if declared.isdecimal() and int(declared) > self.limit:
            await render(TooLarge(self.limit), scope)(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise TooLarge(self.limit)
            return message

        await self.app(scope, receive_counted, send)
