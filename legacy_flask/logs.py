"""What no log may hold: API keys, which clients put into addresses, and tokens."""

import logging
from typing import Any

from legacy_flask.credential import redacted

_LOGGERS = ("gunicorn.access", "gunicorn.error", "uvicorn.access", "uvicorn.error", "werkzeug")


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


def _clean(part: Any) -> Any:
    return redacted(part) if isinstance(part, str) else part
