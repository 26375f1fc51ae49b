"""Reading what a client wants of many artists. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi_app.models import INTEGER_MAX
from legacy_flask import fields
from legacy_flask.artist_rules import keywords
from legacy_flask.errors import BadField, BadRequest

MOST_IDS = 10_000
_LONGEST_ID = 20


def read_edit(body: Any) -> tuple[list[int], dict[str, Any]]:
    """The ids that may exist, and the new values by column. Raises BadRequest."""
    data = required(body, "artist_ids", "updates")
    ids, updates = read_ids(data["artist_ids"], "artist_ids"), data["updates"]
    if not isinstance(updates, dict):
        raise BadField("updates", "an object")
    return known(ids), {name: read(updates[name], name) for name, read in _READERS.items() if name in updates}


def read_doomed(body: Any) -> list[int]:
    """The ids of the artists to delete. Raises BadRequest."""
    return known(read_ids(required(body, "artist_ids")["artist_ids"], "artist_ids"))


def required(body: Any, *names: str) -> Mapping[str, Any]:
    """The body with all of these members. Raises BadRequest."""
    if not isinstance(body, dict) or not all(name in body for name in names):
        raise BadRequest(f"{' and '.join(names)} required")
    return body


def read_ids(value: Any, field: str) -> list[int | None]:
    """The ids of a list; None stands for what can be nobody's. Raises BadRequest."""
    if not isinstance(value, list) or not value:
        raise BadRequest(f"{field} must be a non-empty list")
    if len(value) > MOST_IDS:
        raise BadField(field, f"a list of at most {MOST_IDS} ids")
    return [read_id(item, field) for item in value]


def read_id(value: Any, field: str) -> int | None:
    """A number, or a text of digits. Raises BadField for everything that is neither a number nor text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadField(field, "made of artist ids")
    if isinstance(value, str):
        text = value.strip()
        if not text.isdecimal() or len(text) > _LONGEST_ID:
            return None
        value = int(text)
    number = int(value)
    return number if number == value and 1 <= number <= INTEGER_MAX else None


def known(ids: list[int | None]) -> list[int]:
    return sorted({row_id for row_id in ids if row_id is not None})


def _flag(value: Any, field: str) -> bool | None:
    return None if value is None else fields.truth(value, field, default=False)


def _keywords(value: Any, field: str) -> Any:
    del field
    return keywords(value)


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "monitored": _flag,
    "auto_download": _flag,
    "keywords": _keywords,
}
