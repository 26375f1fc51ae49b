"""Reading what a client searches for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi_app.models import INTEGER_MAX, INTEGER_MIN, VideoStatus
from legacy_flask import fields

_REPEATED = {
    "query": "q",
    "artist": "artist",
    "status": "status",
    "year": "year",
    "genre": "genre",
    "quality": "quality",
    "has_thumbnail": "has_thumbnail",
    "source": "source",
    "date_from": "date_from",
    "date_to": "date_to",
    "keywords": "keywords",
}


@dataclass(frozen=True)
class Wish:
    """The filters as they were given, the order, and which of the rows."""

    filters: Mapping[str, Any]
    sort: str
    descending: bool
    limit: int
    offset: int

    @property
    def status(self) -> VideoStatus | None:
        return VideoStatus.__members__.get(self.filters["status"].upper())

    @property
    def year(self) -> int | None:
        return comparable(fields.tolerant_number(self.filters["year"]))

    @property
    def keywords(self) -> list[str]:
        return [word.strip() for word in self.filters["keywords"].split(",") if word.strip()]


def read_wish(query: Mapping[str, str]) -> Wish:
    """Raises BadField for a limit or an offset that no page has; other nonsense is ignored."""
    limit = fields.tolerant_number(query.get("limit"))
    return Wish(
        filters={
            **{told: query.get(name, "").strip() for told, name in _REPEATED.items()},
            "duration_min": fields.tolerant_number(query.get("duration_min")),
            "duration_max": fields.tolerant_number(query.get("duration_max")),
        },
        sort=query.get("sort_by", query.get("sort", "title")),
        descending=query.get("sort_order", query.get("order", "asc")).lower() == "desc",
        limit=fields.not_negative(100 if limit is None else limit, "limit"),
        offset=fields.not_negative(fields.tolerant_number(query.get("offset")) or 0, "offset"),
    )


def comparable(number: int | None) -> int | None:
    """`number`, or one just outside of what columns hold, which every driver takes."""
    return number if number is None else min(max(number, INTEGER_MIN - 1), INTEGER_MAX + 1)


def day(text: str) -> datetime | None:
    """The beginning of a day, None for what is no day."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - columns are naive, and mean UTC
    except ValueError:
        return None


def sqlite_pattern(like: str) -> str:
    """A LIKE pattern for GLOB, which tells capitals from small letters on SQLite as MariaDB's JSON columns do."""
    signs = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    written, escaped = "", False
    for char in like:
        if escaped:
            written, escaped = written + (signs[char] if char in "*?[" else char), False
        elif char == "\\":
            escaped = True
        else:
            written += signs.get(char, char)
    return written + ("\\" if escaped else "")
