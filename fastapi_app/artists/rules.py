"""Reading what a client wants of artists. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest

NAME_LENGTH = 255
IMVDB_LENGTH = 100
FOLDER_LENGTH = 500
PER_PAGE = 50
MENTIONED_SHARE = 0.1
"""A genre belongs to an artist when at least this share of the videos has it."""


@dataclass(frozen=True)
class Listing:
    """Which artists, in which order, which page."""

    search: str
    monitored: bool | None
    auto_download: bool | None
    by_creation: bool
    descending: bool
    page: int
    per_page: int

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page


def listing(query: Mapping[str, str]) -> Listing:
    """Reads the query of the list. Raises BadField for numbers that no page has."""
    return Listing(
        search=query.get("search", "").strip(),
        monitored=fields.query_flag(query.get("monitored")),
        auto_download=fields.query_flag(query.get("auto_download")),
        by_creation=query.get("sort") == "created_at",
        descending=query.get("order", "").lower() == "desc",
        page=fields.query_integer(query.get("page", "1"), "page", least=1),
        per_page=fields.query_integer(query.get("per_page", str(PER_PAGE)), "per_page", least=1),
    )


def pages(total: int, per_page: int) -> int:
    return ceil(total / per_page)


def new_artist(body: Any) -> dict[str, Any]:
    """The columns of a new artist. Raises BadRequest."""
    if not isinstance(body, dict) or "name" not in body:
        raise BadRequest("Artist name is required")
    imvdb_id = fields.text_or_none(body.get("imvdb_id"), "imvdb_id", IMVDB_LENGTH)
    return {
        "name": fields.text(body["name"], "name", NAME_LENGTH),
        "imvdb_id": imvdb_id or None,
        "auto_download": fields.boolean(body.get("auto_download"), "auto_download", default=False),
        "keywords": fields.storable(body.get("keywords", []), "keywords"),
        "monitored": fields.boolean(body.get("monitored"), "monitored", default=True),
    }


def changes(body: Any) -> dict[str, Any]:
    """The columns that a change sets. Raises BadRequest."""
    if not body or not isinstance(body, dict):
        raise BadRequest("Request data is required")
    return {name: read(body[name]) for name, read in _CHANGES.items() if name in body}


def mentioned(genre_lists: Iterable[Any]) -> list[str]:
    """The genres of an artist, most frequent first, from the `genres` of each video."""
    lists = [genres for genres in genre_lists if isinstance(genres, list) and genres]
    counts: dict[str, int] = {}
    for genres in lists:
        for genre in genres:
            if isinstance(genre, str):
                counts[genre] = counts.get(genre, 0) + 1
    least = max(1.0, len(lists) * MENTIONED_SHARE)
    return [genre for genre, count in sorted(counts.items(), key=lambda item: -item[1]) if count >= least]


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise BadField("name", "text")
    name = value.strip()
    if not name:
        raise BadRequest("Artist name cannot be empty")
    return fields.text(name, "name", NAME_LENGTH)


def _folder_path(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadField("folder_path", "text or null")
    return fields.text((value or "").strip(), "folder_path", FOLDER_LENGTH) or None


def keywords(value: Any) -> list[Any] | None:
    """A list, or text separated by commas; null clears. Raises BadField."""
    if isinstance(value, str):
        value = [word.strip() for word in value.split(",") if word.strip()]
    if value is not None and not isinstance(value, list):
        raise BadField("keywords", "a list, or text separated by commas")
    stored: list[Any] | None = fields.storable(value, "keywords")
    return stored


def _imvdb_id(value: Any) -> str | None:
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise BadRequest("IMVDb ID must be a valid integer") from None
    if number <= 0:
        raise BadRequest("IMVDb ID must be a positive integer")
    return fields.text(number, "imvdb_id", IMVDB_LENGTH)


_CHANGES: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "folder_path": _folder_path,
    "keywords": keywords,
    "monitored": bool,
    "auto_download": bool,
    "imvdb_id": _imvdb_id,
}
