"""Reading what a client wants of videos. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi_app.models import VideoStatus
from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest

_TITLE = 500
_URL = 500
_IMVDB_ID = 100
_ARTIST = 255


@dataclass(frozen=True)
class Window:
    """Which videos, in which order. No limit means all of them, and then no offset counts."""

    sort: str
    descending: bool
    limit: int | None
    offset: int


def read_window(query: Mapping[str, str]) -> Window:
    """Raises BadField for negative and enormous numbers; other text is ignored."""
    limit = fields.tolerant_number(query.get("limit"))
    offset = fields.tolerant_number(query.get("offset")) or 0
    if limit is None:
        offset = 0
    else:
        fields.not_negative(limit, "limit")
        fields.not_negative(offset, "offset")
    return Window(query.get("sort", "title"), query.get("order", "asc").lower() == "desc", limit, offset)


def changes(body: Any) -> dict[str, Any]:
    """The columns that a change sets; an empty title or status never did. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    given = [name for name in _READERS if name in body and (body[name] or name not in ("title", "status"))]
    return {_COLUMNS.get(name, name): _READERS[name](body[name], name) for name in given}


def artist_name(body: Mapping[str, Any]) -> str | None:
    """The artist that a change names, None where it names none."""
    return fields.text(body["artist_name"], "artist_name", _ARTIST) if body.get("artist_name") else None


def _status(value: Any, field: str) -> VideoStatus:
    name = value.strip().upper() if isinstance(value, str) else ""
    if name not in VideoStatus.__members__:
        raise BadField(field, f"one of {', '.join(VideoStatus)}")
    return VideoStatus[name]


def _text(limit: int) -> Callable[[Any, str], str | None]:
    return lambda value, field: fields.optional_text(value, field, limit)


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "title": _text(_TITLE),
    "year": fields.optional_integer,
    "status": _status,
    "video_url": _text(_URL),
    "thumbnail_url": _text(_URL),
    "duration": fields.optional_integer,
    "imvdb_id": _text(_IMVDB_ID),
    "genres": fields.any_json,
}
_COLUMNS = {"video_url": "url"}
