"""One line per event on standard error, with the id of the request it belongs to, and without anybody's secrets.

Two ways lead there, structlog's and that of `logging`; both write text for people, or JSON for machines with the same
members: ``timestamp``, ``level``, ``event``, ``logger``, ``request_id`` and whatever else is told.
"""

import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal

import structlog

from fastapi_app import log_file
from fastapi_app.auth.credential import redacted

Form = Literal["text", "json"]

ACCESS = "mvidarr.access"
"""The logger of finished requests."""

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


class TextLines(logging.Formatter):
    """Lines of `logging` for people, ended by the request that they belong to."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # as logging names it
        told = _request_of(record)
        return super().formatMessage(record) + (f" [{told}]" if told else "")


class JSONLines(logging.Formatter):
    """Lines of `logging` for machines: an object each. What a record has in ``fields`` are members of it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            **structlog.contextvars.get_contextvars(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: _clean(value) for name, value in line.items()}, default=str, ensure_ascii=False)


FORMATTERS: dict[Form, type[logging.Formatter]] = {"text": TextLines, "json": JSONLines}


_RENDERERS: dict[Form, Any] = {
    "text": structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
    "json": structlog.processors.JSONRenderer(ensure_ascii=False),
}


def configure_logs(level: str, form: Form = "text") -> None:
    """Sets the level (a name such as INFO; an unknown one means INFO) and the form of log lines for this process."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            _keep,
            _RENDERERS[form],
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in _SERVERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, Redaction) for one in logger.filters):
            logger.addFilter(Redaction())


def _request_of(record: logging.LogRecord) -> str:
    fields: dict[str, Any] = getattr(record, "fields", {})
    return str(fields.get("request_id") or structlog.contextvars.get_contextvars().get("request_id") or "")


def _redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: _clean(value) for name, value in line.items()}


def _keep(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The same line, in the words of the file that administrators read."""
    told = dict(line)
    moment, level, event = (str(told.pop(name, "")) for name in ("timestamp", "level", "event"))
    more = " ".join(f"{name}={value}" for name, value in told.items() if value is not None)
    log_file.keep(f"{moment[:19]}Z {level.upper()} {event} {more}".rstrip())
    return line


def _clean(part: Any) -> Any:
    return redacted(part) if isinstance(part, str) else part
