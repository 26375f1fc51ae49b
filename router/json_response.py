"""JSON in the bytes that Flask writes, for routes whose clients compare bytes, or parse dates as Flask prints them.

Imports Starlette, and nothing else here imports this module. An endpoint returns the response itself:
``return FlaskJSONResponse(rows)``. What FastAPI has turned into JSON by itself (``response_class=`` alone) has lost its
dates and decimals before it gets here.
"""

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, ClassVar
from uuid import UUID

from starlette.responses import JSONResponse


@dataclasses.dataclass(frozen=True, slots=True)
class Style:
    """How values become text. The defaults are Flask's, outside debug mode; each can be turned off.

    Off, the fields mean: keys as they come; UTF-8; indented by two; no newline at the end; dates as ISO 8601; decimals
    as numbers; a `TypeError` for UUIDs; the same for dataclasses. NaN and infinities are written as Python's ``json``
    writes them, as Flask does.
    """

    sort_keys: bool = True
    ascii: bool = True
    compact: bool = True
    newline: bool = True
    http_dates: bool = True
    decimals_as_text: bool = True
    uuids_as_text: bool = True
    dataclasses_as_objects: bool = True


FLASK = Style()


class FlaskJSONResponse(JSONResponse):
    """``style`` is set by a subclass. Raises `TypeError` for what JSON can't hold."""

    style: ClassVar[Style] = FLASK

    def render(self, content: Any) -> bytes:
        return encode(content, self.style)


def encode(content: Any, style: Style = FLASK) -> bytes:
    """The body. Raises `TypeError` for what JSON can't hold, and for keys that can't be sorted together."""
    text = json.dumps(
        content,
        ensure_ascii=style.ascii,
        sort_keys=style.sort_keys,
        indent=None if style.compact else 2,
        separators=(",", ":") if style.compact else None,
        default=_default(style),
    )
    return (text + "\n" * style.newline).encode()


def http_date(value: date) -> str:
    """As in HTTP headers: in UTC, to the second. Naive times are UTC, days begin at midnight."""
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return format_datetime(moment, usegmt=True)


def _default(style: Style) -> Callable[[Any], Any]:
    def default(value: Any) -> Any:
        if isinstance(value, date):
            return http_date(value) if style.http_dates else value.isoformat()
        if isinstance(value, Decimal):
            return str(value) if style.decimals_as_text else float(value)
        if isinstance(value, UUID) and style.uuids_as_text:
            return str(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type) and style.dataclasses_as_objects:
            return dataclasses.asdict(value)
        if hasattr(value, "__html__"):
            return str(value.__html__())
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")

    return default
