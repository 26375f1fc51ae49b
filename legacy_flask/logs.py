"""What every line in the log carries, the name of its request, and what none may hold: API keys and tokens."""

import logging
import re
from typing import Any
from uuid import uuid4

from flask import Flask, request, request_started, request_tearing_down
from structlog.contextvars import bind_contextvars, unbind_contextvars

from legacy_flask.credential import redacted

_LOGGERS = ("gunicorn.access", "gunicorn.error", "uvicorn.access", "uvicorn.error", "werkzeug")


_fits = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}").fullmatch


class Redaction(logging.Filter):
    """Takes keys and tokens out of a line before anybody writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _clean(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(_clean, record.args))
        elif record.args:  # gunicorn's, a mapping
            record.args = {name: _clean(value) for name, value in record.args.items()}
        return True


def redact(logger: logging.Logger) -> None:
    """Sees to it that this logger, and those of the servers that may run the application, write no secrets."""
    for each in (logger, *map(logging.getLogger, _LOGGERS)):
        if not any(isinstance(one, Redaction) for one in each.filters):
            each.addFilter(Redaction())


def name_requests(app: Flask) -> None:
    """Gives the lines of a request its name: the one that the front door or a proxy gave it, where that is fit for one.

    Signals, for they come before every hook and after all of them. A thread of a server serves one request at a time.
    """
    request_started.connect(_bind, app)
    request_tearing_down.connect(_unbind, app)


def _bind(_app: Flask, **_: Any) -> None:
    given = request.headers.get("X-Request-ID", "")
    bind_contextvars(request_id=given if _fits(given) else uuid4().hex)


def _unbind(_app: Flask, **_: Any) -> None:
    unbind_contextvars("request_id")


def _clean(part: Any) -> Any:
    return redacted(part) if isinstance(part, str) else part
