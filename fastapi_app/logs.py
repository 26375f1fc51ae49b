"""One line per event on standard error, with the id of the request it belongs to, and without anybody's secrets."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from fastapi_app.auth.credential import redacted

_SERVERS = ("gunicorn.access", "gunicorn.error", "uvicorn.access", "uvicorn.error")


class Redaction(logging.Filter):
    """Takes API keys and tokens out of the lines of those who write addresses down."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _clean(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(_clean, record.args))
        elif record.args:  # gunicorn's, a mapping
            record.args = {name: _clean(value) for name, value in record.args.items()}
        return True


def configure_logs(level: str) -> None:
    """Sets the level (a name such as INFO; an unknown one means INFO) and the form of log lines for this process."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in _SERVERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, Redaction) for one in logger.filters):
            logger.addFilter(Redaction())


def _redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: _clean(value) for name, value in line.items()}


def _clean(part: Any) -> Any:
    return redacted(part) if isinstance(part, str) else part
