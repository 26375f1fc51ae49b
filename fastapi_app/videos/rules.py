"""Reading what a client wants of videos, and naming their files. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.models import VideoStatus

TITLE_LENGTH = 500
URL_LENGTH = 500
IMVDB_LENGTH = 100
ARTIST_LENGTH = 255
PATH_LENGTH = 500
SORTS = frozenset({"title", "artist_name", "year", "created_at", "status"})

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_NAME_LENGTH = 100
_NAME_BYTES = 200
_STEM_BYTES = 240


@dataclass(frozen=True)
class Listing:
    """Which videos, in which order. No limit means all of them, and then no offset counts."""

    sort: str
    descending: bool
    limit: int | None
    offset: int


def listing(query: Mapping[str, str]) -> Listing:
    """Reads the query of the list. Raises BadField for negative and enormous numbers; other text is ignored."""
    limit = _limit(query.get("limit"))
    offset = fields.lenient_integer(query.get("offset"), 0)
    if limit is not None:
        not_negative(offset, "offset")
    sort = query.get("sort", "")
    return Listing(sort if sort in SORTS else "title", query.get("order", "").lower() == "desc", limit, offset)


def changes(body: Any) -> dict[str, Any]:
    """The columns that a change sets. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    return {_COLUMNS.get(name, name): read(body[name], name) for name, read in _CHANGES.items() if _counts(name, body)}


def new_artist_name(body: Mapping[str, Any]) -> str | None:
    """The artist that a change names, None where it names none."""
    given = body.get("artist_name")
    return fields.text(given, "artist_name", ARTIST_LENGTH) if given else None


def file_name(artist: str, title: str, suffix: str) -> str:
    """`<Artist> - <Title><ext>`, for any file system."""
    return _cut(f"{clean(artist)} - {clean(title)}", _STEM_BYTES) + suffix


def folder_name(artist: str) -> str:
    """The artist's folder. Never empty, never a step up."""
    return clean(artist).strip(". ") or "Unknown"


def clean(name: str) -> str:
    """`name` without the characters that some file system refuses, short enough for every one."""
    kept = _FORBIDDEN.sub("_", name).strip()[:_NAME_LENGTH]
    return _cut(kept, _NAME_BYTES).strip()


def _cut(name: str, most_bytes: int) -> str:
    """As much of `name` as fits, in whole characters."""
    return name.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")


def stored_destination(stored: str, artist: str, name: str) -> str:
    """The new stored path of a file that moves to `artist`'s folder, beside its old one, in the form it had."""
    return str(PurePosixPath(stored).parent.parent / folder_name(artist) / name)


def _counts(name: str, body: Mapping[str, Any]) -> bool:
    """Whether a member of the body changes anything. An empty title or status never did."""
    return name in body and (name not in _IGNORED_WHEN_EMPTY or bool(body[name]))


def _status(value: Any, field: str) -> VideoStatus:
    known = value.strip().upper() if isinstance(value, str) else ""
    if known not in VideoStatus.__members__:
        raise BadField(field, f"one of {', '.join(VideoStatus)}")
    return VideoStatus(known)


def _text(limit: int) -> Callable[[Any, str], str | None]:
    return lambda value, field: fields.text_or_none(value, field, limit)


_CHANGES: dict[str, Callable[[Any, str], Any]] = {
    "title": _text(TITLE_LENGTH),
    "year": fields.integer_or_none,
    "status": _status,
    "video_url": _text(URL_LENGTH),
    "thumbnail_url": _text(URL_LENGTH),
    "duration": fields.integer_or_none,
    "imvdb_id": _text(IMVDB_LENGTH),
    "genres": fields.storable,
}
_COLUMNS = {"video_url": "url"}
_IGNORED_WHEN_EMPTY = frozenset({"title", "status"})


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        limit = int(text)
    except ValueError:
        return None
    return not_negative(limit, "limit")


def not_negative(number: int, field: str) -> int:
    """A number that a page can begin at or hold. Raises BadField."""
    if number < 0:
        raise BadField(field, "0 or more")
    return fields.in_range(number, field)
