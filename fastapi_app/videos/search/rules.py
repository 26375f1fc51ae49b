"""Reading what a client searches for. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi_app.fields import lenient_integer, query_flag
from fastapi_app.models import INTEGER_MAX, INTEGER_MIN, VideoStatus
from fastapi_app.videos.rules import not_negative

LIMIT = 100
MOST_ARTISTS = 10
SHORTEST_NAME = 2
SOURCES = frozenset({"youtube", "imvdb", "manual"})
SORTS = {
    "title": "title",
    "artist_name": "artist_name",
    "artist": "artist_name",
    "year": "year",
    "created_at": "created_at",
    "date_added": "created_at",
    "status": "status",
    "quality": "quality",
    "duration": "duration",
}
_TEXTS = ("artist", "status", "year", "genre", "quality", "has_thumbnail", "source", "date_from", "date_to", "keywords")
_DAY = re.compile(r"(\d{4})-(1[0-2]|0?[1-9])-(3[01]|[12]\d|[0 ]?[1-9])")
_GLOB = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}


@dataclass(frozen=True)
class Search:
    """Which videos, in which order, which of them. Everything given must hold; None and empty ask for nothing.

    `status` is the enum's name in capitals, or any other text, which no video has.
    """

    text: str
    artist: str
    status: str
    year: int | None
    genre: str
    quality: str
    has_picture: bool | None
    source: str
    least_duration: int | None
    most_duration: int | None
    since: datetime | None
    until: datetime | None
    keywords: tuple[str, ...]
    sort: str
    descending: bool
    limit: int
    offset: int

    @property
    def is_impossible(self) -> bool:
        """Whether no video can match."""
        return bool(self.status) and self.status not in VideoStatus.__members__


def search(query: Mapping[str, str]) -> Search:
    """Reads the query. Raises BadField for a limit or an offset that no page has; other nonsense is ignored."""
    given = filters(query)
    order = query.get("sort_order", query.get("order", "asc"))
    return Search(
        text=given["query"],
        artist=given["artist"],
        status=given["status"].upper(),
        year=_number(given["year"]),
        genre=given["genre"],
        quality=given["quality"],
        has_picture=query_flag(given["has_thumbnail"] or None),
        source=given["source"] if given["source"] in SOURCES else "",
        least_duration=_within(given["duration_min"]),
        most_duration=_within(given["duration_max"]),
        since=_day(given["date_from"]),
        until=_day(given["date_to"]),
        keywords=tuple(word.strip() for word in given["keywords"].split(",") if word.strip()),
        sort=SORTS.get(query.get("sort_by", query.get("sort", "title")), "title"),
        descending=order.lower() == "desc",
        limit=not_negative(lenient_integer(query.get("limit"), LIMIT), "limit"),
        offset=not_negative(lenient_integer(query.get("offset"), 0), "offset"),
    )


def filters(query: Mapping[str, str]) -> dict[str, Any]:
    """The filters as they were given, which the answer repeats."""
    return {
        "query": query.get("q", "").strip(),
        **{name: query.get(name, "").strip() for name in _TEXTS},
        "duration_min": _integer(query.get("duration_min")),
        "duration_max": _integer(query.get("duration_max")),
    }


def total_of(wanted: Search, found: int) -> int | None:
    """How many match in all, where a page that was not filled tells it; None where they must be counted."""
    is_last = found < wanted.limit and (found > 0 or wanted.offset == 0)
    return wanted.offset + found if is_last else None


def artist_fragment(query: Mapping[str, str]) -> str:
    """The part of a name that artists are looked up by; empty where it is too short to mean anybody."""
    fragment = query.get("q", "").strip()
    return fragment if len(fragment) >= SHORTEST_NAME else ""


def glob(pattern: str) -> str:
    """A pattern of LIKE as one of GLOB: SQLite's only pattern that tells capitals from small letters."""
    parts: list[str] = []
    characters = iter(pattern)
    for char in characters:
        if char == "\\":
            literal = next(characters, char)
            parts.append(f"[{literal}]" if literal in "*?[" else literal)
        else:
            parts.append(_GLOB.get(char, char))
    return "".join(parts)


def _integer(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return _within(_integer(text))


def _within(number: int | None) -> int | None:
    """`number`, or the nearest one that no column holds: every database can compare with that."""
    return None if number is None else max(INTEGER_MIN - 1, min(number, INTEGER_MAX + 1))


def _day(text: str) -> datetime | None:
    """The day as `strptime` reads it for `%Y-%m-%d`; its first call would import a module in a request."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    year, month, day = map(int, found.groups())
    try:
        return datetime(year, month, day)  # noqa: DTZ001 - columns are naive, and mean UTC
    except ValueError:
        return None
