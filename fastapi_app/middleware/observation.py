"""Counts and times every request, and gives it an id that its log lines carry."""

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi_app.metrics import RequestMetrics
from fastapi_app.urls import header, is_copy

_REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_UNMATCHED = "unmatched"


def request_id(given: str) -> str:
    """The id that the front door or a proxy gave, when it is fit for a log line, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


class Observation:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        began = perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id(header(scope, b"x-request-id"))):
            try:
                await self.app(scope, receive, send_and_note)
            finally:
                path = getattr(scope.get("route"), "path_format", _UNMATCHED)
                if not is_copy(scope):
                    self.metrics.observe(scope["method"], path, status, perf_counter() - began)
