"""Reading the ids of many artists from a body. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi_app.errors import BadField, BadRequest
from fastapi_app.models import INTEGER_MAX

MOST = 10_000
"""More ids than any library has artists; beyond that a request only keeps the database busy."""

_LONGEST = 20


def members(body: Any, names: Sequence[str]) -> Mapping[str, Any]:
    """The body, when it has all these members. Raises BadRequest."""
    if not isinstance(body, dict) or any(name not in body for name in names):
        raise BadRequest(f"{' and '.join(names)} required")
    return body


def artist_ids(value: Any, field: str) -> list[int | None]:
    """The ids in a list, None in the place of what no artist can have as its id. Raises BadRequest."""
    if not isinstance(value, list) or not value:
        raise BadRequest(f"{field} must be a non-empty list")
    if len(value) > MOST:
        raise BadField(field, f"a list of at most {MOST} ids")
    return [artist_id(item, field) for item in value]


def artist_id(value: Any, field: str) -> int | None:
    """An id, also as a text of digits; None for a number or text that is no artist's. Raises BadField for the rest."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadField(field, "made of artist ids")
    if isinstance(value, str):
        digits = value.strip()
        number = int(digits) if digits.isdecimal() and len(digits) <= _LONGEST else 0
    else:
        number = int(value) if value == int(value) else 0
    return number if 0 < number <= INTEGER_MAX else None
