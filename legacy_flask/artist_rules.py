"""Reading what a client wants of artists. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest

_NAME = 255
_IMVDB_ID = 100
_FOLDER = 500


@dataclass(frozen=True)
class Page:
    """Which artists, in which order, which page."""

    search: str
    monitored: bool | None
    auto_download: bool | None
    sort: str
    descending: bool
    page: int
    per_page: int


def read_page(query: Mapping[str, str]) -> Page:
    """Raises BadField for numbers that no page has."""
    return Page(
        search=query.get("search", "").strip(),
        monitored=fields.query_flag(query.get("monitored")),
        auto_download=fields.query_flag(query.get("auto_download")),
        sort=query.get("sort", "name"),
        descending=query.get("order", "asc").lower() == "desc",
        page=fields.query_number(query.get("page", "1"), "page"),
        per_page=fields.query_number(query.get("per_page", "50"), "per_page"),
    )


def new_artist(body: Any) -> dict[str, Any]:
    """The columns of a new artist. Raises BadRequest."""
    if not isinstance(body, dict) or "name" not in body:
        raise BadRequest("Artist name is required")
    imvdb_id = fields.optional_text(body.get("imvdb_id"), "imvdb_id", _IMVDB_ID)
    return {
        "name": fields.text(body["name"], "name", _NAME),
        "imvdb_id": imvdb_id or None,
        "auto_download": fields.truth(body.get("auto_download"), "auto_download", default=False),
        "keywords": fields.any_json(body.get("keywords", []), "keywords"),
        "monitored": fields.truth(body.get("monitored"), "monitored", default=True),
    }


def changes(body: Any) -> dict[str, Any]:
    """The columns that a change sets. Raises BadRequest."""
    if not isinstance(body, dict) or not body:
        raise BadRequest("Request data is required")
    return {name: read(body[name]) for name, read in _READERS.items() if name in body}


def most_frequent_genres(genre_lists: Iterable[Any]) -> list[str]:
    """The genres of an artist: those that at least a tenth of the videos with genres have, most frequent first."""
    lists = [genres for genres in genre_lists if isinstance(genres, list) and genres]
    counts: dict[str, int] = {}
    for genre in (genre for genres in lists for genre in genres if isinstance(genre, str)):
        counts[genre] = counts.get(genre, 0) + 1
    least = max(1.0, len(lists) * 0.1)
    return sorted((genre for genre, count in counts.items() if count >= least), key=lambda genre: -counts[genre])


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise BadField("name", "text")
    name = value.strip()
    if not name:
        raise BadRequest("Artist name cannot be empty")
    return fields.text(name, "name", _NAME)


def _folder_path(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadField("folder_path", "text or null")
    return fields.text((value or "").strip(), "folder_path", _FOLDER) or None


def keywords(value: Any) -> Any:
    """A list, or text separated by commas; null clears. Raises BadField."""
    if isinstance(value, str):
        value = [word.strip() for word in value.split(",") if word.strip()]
    if value is not None and not isinstance(value, list):
        raise BadField("keywords", "a list, or text separated by commas")
    return fields.any_json(value, "keywords")


def _imvdb_id(value: Any) -> str | None:
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise BadRequest("IMVDb ID must be a valid integer") from None
    if number <= 0:
        raise BadRequest("IMVDb ID must be a positive integer")
    return fields.text(number, "imvdb_id", _IMVDB_ID)


_READERS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "folder_path": _folder_path,
    "keywords": keywords,
    "monitored": bool,
    "auto_download": bool,
    "imvdb_id": _imvdb_id,
}
