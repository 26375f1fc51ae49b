"""Counts and times every request, and gives it an id that its log lines carry; one line tells that it is over."""

import logging
import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi_app.logs import ACCESS
from fastapi_app.metrics import RequestMetrics
from fastapi_app.urls import header, is_copy

_REQUEST_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
_UNMATCHED = "unmatched"

access = logging.getLogger(ACCESS)


def request_id(given: str) -> str:
    """The id that the front door or a proxy gave, when it is fit for a log line, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


class Observation:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics, *, access_log: bool = True) -> None:
        self.app = app
        self.metrics = metrics
        self.access_log = access_log

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

        name = request_id(header(scope, b"x-request-id"))
        with structlog.contextvars.bound_contextvars(request_id=name):
            try:
                await self.app(scope, receive, send_and_note)
            finally:
                path = getattr(scope.get("route"), "path_format", _UNMATCHED)
                seconds = perf_counter() - began
                if not is_copy(scope):
                    self.metrics.observe(scope["method"], path, status, seconds)
                    if self.access_log and access.isEnabledFor(logging.INFO):
                        _tell(name, scope["method"], path, status, seconds)


def _tell(name: str, method: str, path: str, status: int, seconds: float) -> None:
    """Of the address the template alone, for the rest may hold secrets."""
    route, duration = f"{method} {path}", round(seconds * 1000, 2)
    fields = {"request_id": name, "route": route, "method": method, "status": status, "duration_ms": duration}
    access.info("%s %d %s ms", route, status, duration, extra={"fields": fields})
