"""Reading what a client searches for, and telling what was found. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi_app import fields
from fastapi_app.artists.rules import PER_PAGE, pages
from fastapi_app.errors import BadField
from fastapi_app.models import INTEGER_MAX

MOST_PER_PAGE = 200
SUGGESTIONS = 10
MOST_SUGGESTIONS = 50
SHORTEST_QUERY = 2


@dataclass(frozen=True)
class Range:
    """Two bounds, each of which may be open."""

    least: int | None
    most: int | None

    def __contains__(self, number: int) -> bool:
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


@dataclass(frozen=True)
class Search:
    """Which artists, in which order, which page. Video counts thin out the page that was found, not the total."""

    text: str
    monitored: bool | None
    auto_download: bool | None
    has_imvdb_id: bool | None
    genre: str
    keywords: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    videos: Range
    sort: str
    descending: bool
    page: int
    per_page: int
    applied: Mapping[str, bool]
    """Which kinds of filters the client named, as it is told back."""

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page


@dataclass(frozen=True)
class Typed:
    """What somebody has typed so far, and how many suggestions are wanted."""

    text: str
    limit: int

    @property
    def is_too_short(self) -> bool:
        return len(self.text) < SHORTEST_QUERY


def search(query: Mapping[str, str]) -> Search:
    """Reads the query of the search. Raises BadField for numbers that no page has."""
    keywords = query.get("keywords", "").strip()
    videos = Range(_number(query.get("min_videos")), _number(query.get("max_videos")))
    return Search(
        text=query.get("search", "").strip(),
        monitored=fields.query_flag(query.get("monitored")),
        auto_download=fields.query_flag(query.get("auto_download")),
        has_imvdb_id=fields.query_flag(query.get("has_imvdb_id")),
        genre=query.get("genre", "").strip(),
        keywords=tuple(word.strip() for word in keywords.split(",") if word.strip()),
        since=_moment(query.get("date_from", "")),
        until=_moment(query.get("date_to", "")),
        videos=videos,
        sort=query.get("sort", "name"),
        descending=query.get("order", "").lower() == "desc",
        page=_page_number(query, "page", 1),
        per_page=min(_page_number(query, "per_page", PER_PAGE), MOST_PER_PAGE),
        applied={
            "search": bool(query.get("search", "").strip()),
            "monitored": "monitored" in query,
            "auto_download": "auto_download" in query,
            "has_thumbnail": False,
            "has_imvdb_id": "has_imvdb_id" in query,
            "video_count_range": videos != Range(None, None),
            "date_range": "date_from" in query or "date_to" in query,
            "keywords": bool(keywords),
        },
    )


def typed(query: Mapping[str, str]) -> Typed:
    """Reads the query of the suggestions. Raises BadField for a limit that is no number, or negative."""
    try:
        limit = int(query.get("limit", SUGGESTIONS))
    except ValueError:
        raise BadField("limit", "a whole number") from None
    if limit < 0:
        raise BadField("limit", "0 or more")
    return Typed(query.get("q", "").strip(), min(limit, MOST_SUGGESTIONS))


def paging(wanted: Search, total: int) -> dict[str, Any]:
    """Where the page stands among all of them."""
    count = pages(total, wanted.per_page)
    return {
        "page": wanted.page,
        "per_page": wanted.per_page,
        "total": total,
        "pages": count,
        "has_next": wanted.page < count,
        "has_prev": wanted.page > 1,
    }


def analytics(wanted: Search, total: int) -> dict[str, Any]:
    """The same once more, with the filters that were applied."""
    known = paging(wanted, total)
    return {
        "total_artists": total,
        "page_count": known["pages"],
        "has_next": known["has_next"],
        "has_prev": known["has_prev"],
        "filters_applied": dict(wanted.applied),
    }


def words(stored: Iterable[Any]) -> dict[str, None]:
    """The keywords in the stored values of many artists, each once, in order. What is no list holds none."""
    lists = (value for value in stored if isinstance(value, list))
    return dict.fromkeys(word for words in lists for word in words if isinstance(word, str) and word.strip())


def share(part: int, whole: int) -> float:
    """A percentage with two digits, 0 of nothing."""
    return round(part / whole * 100, 2) if whole else 0


def _number(text: str | None) -> int | None:
    """A bound, None for text that is no number."""
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _page_number(query: Mapping[str, str], field: str, default: int) -> int:
    number = fields.lenient_integer(query.get(field), default)
    if not 1 <= number <= INTEGER_MAX:
        raise BadField(field, f"a whole number between 1 and {INTEGER_MAX}")
    return number


def _moment(text: str) -> datetime | None:
    """A date, None for text that is none. Its offset never counted, because dates are stored without."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
