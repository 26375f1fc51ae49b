"""Lists whose order the legacy side leaves open among equal rows: it has no second sort key. Pure."""

from urllib.parse import parse_qsl, urlsplit

from router.comparison.rules import Rules, Tied
from tests.parity.ask import Ask
from tests.parity.operations import Operation

_LISTS = {
    "GET /api/artists/": ("$.artists", ("sort",), "name", {"created_at"}),
    "GET /api/artists/search/advanced": (
        "$.artists",
        ("sort",),
        "name",
        {"created_at", "updated_at", "video_count"},
    ),
    "GET /api/artists/search/suggestions": ("$.suggestions", (), "text", set()),
    "GET /api/videos/": ("$.videos", ("sort",), "title", {"artist_name", "year", "created_at", "status"}),
    "GET /api/videos/search": (
        "$.videos",
        ("sort_by", "sort"),
        "title",
        {"artist_name", "year", "created_at", "status", "quality", "duration"},
    ),
    "GET /api/videos/search-artists": ("$.artists", (), "name", set()),
}
"""The list, the parameters that choose its order (the first that is given counts), the usual key, and the others."""
_ALIASES = {"artist": "artist_name", "date_added": "created_at"}
_THINNED = ("min_videos", "max_videos")
"""Criteria that take rows out of a page after it was cut: which rows, is open where the cut went through equal ones."""


def rules_of(operation: Operation, ask: Ask) -> Rules:
    """How two answers to this request are compared."""
    if operation.key not in _LISTS:
        return Rules()
    path, parameters, usual, others = _LISTS[operation.key]
    query: dict[str, str] = {}
    for name, value in parse_qsl(urlsplit(ask.target).query, keep_blank_values=True):
        query.setdefault(name, value)
    chosen = next((query[name] for name in parameters if name in query), usual)
    chosen = _ALIASES.get(chosen, chosen)
    key = chosen if chosen in others else usual
    if key != "created_at" and any(name in query for name in _THINNED):
        return Rules(masked=(path, "$.count", "$.analytics.page_count"))
    return Rules(tied=Tied(path, (key,)))
