"""Reading what a client searches for. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi_app.models import INTEGER_MAX
from legacy_flask import fields
from legacy_flask.errors import BadField

_MOST_PER_PAGE = 200
_MOST_SUGGESTIONS = 50


@dataclass(frozen=True)
class Criteria:
    """Which artists, in which order, which page. What is None was not asked for."""

    search: str
    monitored: bool | None
    auto_download: bool | None
    has_imvdb_id: bool | None
    genre: str
    keywords: str
    min_videos: int | None
    max_videos: int | None
    date_from: str | None
    date_to: str | None
    sort: str
    descending: bool
    page: int
    per_page: int

    @property
    def words(self) -> list[str]:
        return [word.strip() for word in self.keywords.split(",") if word.strip()]

    def allows(self, videos: int) -> bool:
        """Whether a row of the page stays, by its number of videos."""
        if self.min_videos is not None and videos < self.min_videos:
            return False
        return self.max_videos is None or videos <= self.max_videos

    def applied(self) -> dict[str, bool]:
        """Which kinds of filters were named. The one for pictures never counted."""
        return {
            "search": bool(self.search),
            "monitored": self.monitored is not None,
            "auto_download": self.auto_download is not None,
            "has_thumbnail": False,
            "has_imvdb_id": self.has_imvdb_id is not None,
            "video_count_range": self.min_videos is not None or self.max_videos is not None,
            "date_range": self.date_from is not None or self.date_to is not None,
            "keywords": bool(self.keywords),
        }


def read_criteria(query: Mapping[str, str]) -> Criteria:
    """Raises BadField for numbers that no page has."""
    return Criteria(
        search=query.get("search", "").strip(),
        monitored=fields.query_flag(query.get("monitored")),
        auto_download=fields.query_flag(query.get("auto_download")),
        has_imvdb_id=fields.query_flag(query.get("has_imvdb_id")),
        genre=query.get("genre", "").strip(),
        keywords=query.get("keywords", "").strip(),
        min_videos=fields.tolerant_number(query.get("min_videos")),
        max_videos=fields.tolerant_number(query.get("max_videos")),
        date_from=query.get("date_from"),
        date_to=query.get("date_to"),
        sort=query.get("sort", "name"),
        descending=query.get("order", "asc").lower() == "desc",
        page=_page(query, "page", 1),
        per_page=min(_page(query, "per_page", 50), _MOST_PER_PAGE),
    )


def read_suggestions(query: Mapping[str, str]) -> tuple[str, int]:
    """What was typed, and how many suggestions are wanted. Raises BadField."""
    try:
        limit = int(query.get("limit", "10"))
    except ValueError:
        raise BadField("limit", "a whole number") from None
    if limit < 0:
        raise BadField("limit", "0 or more")
    return query.get("q", "").strip(), min(limit, _MOST_SUGGESTIONS)


def moment(text: str | None) -> datetime | None:
    """A date without its offset, None for text that is none."""
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=None)
    except ValueError:
        return None


def distinct_words(stored: Iterable[Any]) -> list[str]:
    """The keywords of many artists, each once, in order. What is no list holds none."""
    found: dict[str, None] = {}
    for value in stored:
        if isinstance(value, list):
            found.update((word, None) for word in value if isinstance(word, str) and word.strip())
    return list(found)


def _page(query: Mapping[str, str], field: str, default: int) -> int:
    number = fields.tolerant_number(query.get(field))
    number = default if number is None else number
    if not 1 <= number <= INTEGER_MAX:
        raise BadField(field, f"a whole number between 1 and {INTEGER_MAX}")
    return number
