"""Where a page of results ended, as text that a client hands back. Pure."""

import base64
import binascii
import json
from dataclasses import dataclass

from fastapi_app.errors import BadField
from fastapi_app.models import INTEGER_MAX

_LONGEST = 4_000


@dataclass(frozen=True)
class Place:
    """The last row of a page: its tier, its id, and its title where the tier is in the order of titles."""

    tier: int
    row_id: int
    title: str = ""


def write(place: Place) -> str:
    content = json.dumps([place.tier, place.row_id, place.title], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read(text: str, tiers: int) -> Place:
    """Raises BadField for what no page ended with."""
    try:
        if len(text) > _LONGEST:
            raise ValueError(text[:10])
        tier, row_id, title = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise BadField("after", "what an earlier answer said") from None
    known = type(tier) is int and type(row_id) is int and isinstance(title, str)
    if not known or not (0 <= tier < tiers and 0 <= row_id <= INTEGER_MAX) or _is_odd(title):
        raise BadField("after", "what an earlier answer said")
    return Place(tier, row_id, title)


def _is_odd(title: str) -> bool:
    """Half a character can't be sent to a database."""
    return any(0xD800 <= ord(char) <= 0xDFFF for char in title)
