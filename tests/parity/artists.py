"""Requests about many artists at once: searching, stepping through them, changing, deleting and merging."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

from tests.parity.ask import Ask, get, raw, send
from tests.parity.values import FLAGS, NUMBERS, TEXTS, VALUES

_SEARCH = "/api/artists/search"
_SORTS = ("name", "created_at", "updated_at", "video_count", "bogus", "")
_ORDERS = ("asc", "desc", "DESC", "x")
_DATES = (
    "2024-02-03",
    "2024-02-03T12:00:00",
    "2024-02-03T12:00:00Z",
    "2024-02-03T12:00:00+02:00",
    "2024-02-30",
    "20240203",
    "",
    "bogus",
    "0001-01-01",
    "9999-12-31T23:59:59.999999",
)
_KEYWORDS = (
    "live",
    "Live",
    "日本",
    "日",
    "te",
    "%",
    "_ive",
    "l,日",
    ",",
    '"',
    "\\",
    "\\u",
    "[",
    "*",
    "?",
    "\0",
    "[]",
    "x" * 6_000,
)
_IDS: tuple[Any, ...] = (
    None, 5, "4", {}, [], [None], [True], [[]], ["x"], [0], [-1], [999], [1.5], [10**30], ["９"], [" 4 "],
    [4.0, "4", 4], [1] * 10_001,
)  # fmt: skip


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    yield from _searches()
    yield get(f"{_SEARCH}/filters")
    for text in TEXTS:
        yield get(f"{_SEARCH}/suggestions?limit=50&q={quote(text)}{quote(text)}")
    for text, number in product(("a", "bj", "LIV", "日本", "an"), NUMBERS):
        yield get(f"{_SEARCH}/suggestions?q={quote(text)}&limit={number}")
    for row_id in (*range(1, 7), 20, 21, 0, "9" * 20, "abc"):
        yield get(f"/api/artists/{row_id}/detailed")
    for place, sort, order in product((1, 2, 12, 20, 99), _SORTS, _ORDERS):
        yield get(f"/api/artists/{place}/navigation?sort={sort}&order={order}")


def _searches() -> Iterator[Ask]:
    """In an order without ties: the legacy side has no second sort key."""
    base = f"{_SEARCH}/advanced?sort=created_at"
    yield get(base)
    for name, value in product(("page", "per_page", "min_videos", "max_videos"), NUMBERS):
        yield get(f"{base}&{name}={value}")
    for text in TEXTS:
        yield get(f"{base}&search={quote(text)}")
    for name, value in product(("monitored", "auto_download", "has_imvdb_id", "has_thumbnail"), FLAGS):
        yield get(f"{base}&{name}={value}")
    for name, value in product(("date_from", "date_to"), _DATES):
        yield get(f"{base}&{name}={quote(value)}")
    for name, value in product(("keywords", "genre"), (*_KEYWORDS, "Rock", "rock", "R%")):
        yield get(f"{base}&{name}={quote(value)}")
    for sort, order in product(("created_at", "updated_at"), _ORDERS):
        yield get(f"{_SEARCH}/advanced?sort={sort}&order={order}&per_page=7&page=2")
    yield get(f"{_SEARCH}/advanced?search=nova&sort=bogus")
    yield get(f"{_SEARCH}/advanced?search=50_50&sort=video_count")
    for path in ("advanced/", "filters/", "nope", ""):
        yield get(f"{_SEARCH}/{path}")


def bad_bodies() -> Iterator[Ask]:
    """Bodies that change nothing."""
    for ids in _IDS:
        yield send("POST", "/api/artists/bulk-edit", {"artist_ids": ids, "updates": {}})
        yield send("POST", "/api/artists/merge", {"primary_artist_id": 999, "secondary_artist_ids": ids})
    for value in VALUES:
        yield send("POST", "/api/artists/merge", {"primary_artist_id": value, "secondary_artist_ids": [998]})
        yield send("POST", "/api/artists/bulk-edit", {"artist_ids": [999], "updates": value})
    for path in ("bulk-edit", "bulk-delete", "merge"):
        yield raw("POST", f"/api/artists/{path}", b"{}", "text/plain")


def writes() -> Iterator[Ask]:
    """Every write. Most of the library is gone afterwards."""
    yield from bad_bodies()
    for name, value in product(("monitored", "auto_download", "keywords", "name"), VALUES):
        yield send("POST", "/api/artists/bulk-edit", {"artist_ids": [6, "7", 999], "updates": {name: value}})
    yield get("/api/artists/6")
    for primary, secondaries in ((8, [8]), (8, [9, "9"]), (8, [9, 999]), (999, [8]), (8, [9, "10"]), (8, [9])):
        yield send("POST", "/api/artists/merge", {"primary_artist_id": primary, "secondary_artist_ids": secondaries})
    yield get("/api/artists/8/detailed")
    for ids in (["x"], [999], ["11", 11, 999], [11]):
        yield send("POST", "/api/artists/bulk-delete", {"artist_ids": ids})
    yield Ask("POST", "/api/artists/cleanup-zero-videos", b"{bad")
    yield Ask("POST", "/api/artists/cleanup-zero-videos")
    yield get(f"{_SEARCH}/filters")
