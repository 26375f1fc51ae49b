"""Requests about many videos: searching, changing and deleting them, duplicates, and films on the disk."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

from tests.parity.ask import Ask, get, send
from tests.parity.values import FLAGS, NUMBERS, TEXTS, VALUES

_SEARCH = "/api/videos/search"
_WORDS = ("q", "artist", "keywords", "genre", "quality", "status", "source")
_GIVEN: dict[str, tuple[str, ...]] = {
    "status": ("WANTED", "downloaded", " Failed ", "MONITORED", "1", "WANTED,FAILED", "bogus"),
    "genre": ("Rock", "rock", "Ro%", "R_ck", '"Rock"', "Pop", "Röck", "\\", "*", "[R]ock"),
    "source": ("youtube", "imvdb", "manual", "IMVDB", "bogus"),
    "quality": ("best", "720p", "%"),
    "date_from": (
        "2024-02-04",
        "2024-2-4",
        "2024-02-30",
        "04/02/2024",
        "2024-02-04T00:00:00",
        "٢٠٢٤-02-04",
        "0001-01-01",
    ),
    "date_to": ("2024-02-04", "9999-12-31", "x"),
    "keywords": ("love,remix", ",", "a, ,b", "%,_"),
}
_SORTS = (
    "title",
    "artist_name",
    "artist",
    "year",
    "created_at",
    "date_added",
    "status",
    "quality",
    "duration",
    "",
    "x",
)
_KEYS = {"artist": "artist_name", "date_added": "created_at", "": "title", "x": "title"}
_ODD_IDS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -5,
    1.0,
    1.5,
    " 1 ",
    "1.0",
    "1e0",
    "٣",
    "1_0",
    "abc",
    "",
    [],
    {},
    2**40,
)


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    yield get(_SEARCH, tied="videos:title")
    yield get(f"{_SEARCH}/")
    for name, text in product(_WORDS, TEXTS):
        yield get(f"{_SEARCH}?{name}={quote(text)}", tied="videos:title")
    for name, texts in _GIVEN.items():
        for text in texts:
            yield get(f"{_SEARCH}?{name}={quote(text)}", tied="videos:title")
    for name, number in product(("year", "duration_min", "duration_max", "limit", "offset"), NUMBERS):
        yield get(f"{_SEARCH}?sort_by=created_at&{name}={number}")
    for flag in FLAGS:
        yield get(f"{_SEARCH}?has_thumbnail={flag}", tied="videos:title")
    for sort, order in product(_SORTS, ("asc", "desc", "DESC", "x")):
        tied = f"videos:{_KEYS.get(sort, sort)}"
        yield get(f"{_SEARCH}?sort_by={sort}&sort_order={order}", tied=tied)
        yield get(f"{_SEARCH}?sort={sort}&order={order}", tied=tied)
    for query in (
        "q=%FF%FE",
        "q=%C3%A9%FF%2B&q=2",
        "artist=%E5%AE",
        "q=%",
        "q=a&status=WANTED&year=1990",
        "sort_by=&sort=year",
    ):
        yield get(f"{_SEARCH}?{query}", tied="videos:title" if "year" not in query else "videos:year")
    for text in (*TEXTS, "unknown artist", "an", "%%", "b%ö"):
        yield get(f"/api/videos/search-artists?q={quote(text)}")


def writes() -> Iterator[Ask]:
    """In this order. What goes over the whole library comes last."""
    yield from _statuses()
    yield from _duplicates()
    yield from _deletions()
    yield from _films()


def _statuses() -> Iterator[Ask]:
    for value in (
        *VALUES,
        "WANTED",
        "DOWNLOADING",
        "DOWNLOADED",
        "FAILED",
        "IGNORED",
        "MONITORED",
        "wanted",
        ["WANTED"],
    ):
        yield send("PUT", "/api/videos/41/status", {"status": value})
        yield send("PUT", "/api/videos/bulk/status", {"video_ids": [42, "43"], "status": value})
        yield send("PUT", "/api/videos/bulk/status", {"video_ids": value, "status": "FAILED"})
    for video_id in ("999", "0", "9" * 20, "abc", "%D9%A3"):
        yield send("PUT", f"/api/videos/{video_id}/status", {"status": "WANTED"})
    ids = [44, "45", 44, 999, "1.5", *_ODD_IDS[2:]]
    yield send("PUT", "/api/videos/bulk/status", {"video_ids": ids, "status": "IGNORED"})
    yield send("PUT", "/api/videos/bulk/status", {"status": "IGNORED"})
    yield send("PUT", "/api/videos/bulk/status", {"video_ids": [1] * 100_001, "status": "IGNORED"})


def _duplicates() -> Iterator[Ask]:
    merge, detect = "/api/videos/duplicates/merge", "/api/videos/duplicates/detect"
    for value in (*VALUES, *_ODD_IDS):
        yield send("POST", detect, {"video_id": value, "imvdb_id": "880008"})
        yield send("POST", detect, {"video_id": 1, "imvdb_id": value})
        yield send("POST", merge, {"primary_id": value, "duplicate_ids": [999]})
        yield send("POST", merge, {"primary_id": 46, "duplicate_ids": value})
        yield send("POST", merge, {"primary_id": 46, "duplicate_ids": [999, value]})
        yield send("POST", merge, {"primary_id": 46, "duplicate_ids": [999], "merge_strategy": value})
    for imvdb_id in ("880008", 880012, "880012 ", "nothing"):
        yield send("POST", detect, {"video_id": "1", "imvdb_id": imvdb_id})
    for body in (
        {"primary_id": 46, "duplicate_ids": [46]},
        {"primary_id": 46, "duplicate_ids": [47, "47"]},
        {"primary_id": 46, "duplicate_ids": [47, 999]},
        {"primary_id": "46", "duplicate_ids": ["48", 47]},
        {"primary_id": 46, "duplicate_ids": [49, 50, 51], "merge_strategy": "merge_data"},
        {"primary_id": 1, "duplicate_ids": [2, 5], "merge_strategy": "merge_data"},
        {"primary_id": 52, "duplicate_ids": [3], "merge_strategy": "keep_primary"},
    ):
        yield send("POST", merge, body)
    for video_id in (46, 1, 52, 47):
        yield get(f"/api/videos/{video_id}")


def _deletions() -> Iterator[Ask]:
    delete = "/api/videos/bulk/delete"
    for value in VALUES:
        if value != [1]:
            yield send("POST", delete, {"video_ids": value})
    yield send("POST", delete, {"video_ids": [53, "54", 53, 999, *_ODD_IDS[:5], "abc", [], 2**40]})
    yield send("POST", delete, {"video_ids": [55, 56]})
    yield send("POST", delete, {"video_ids": [55]})
    yield send("POST", delete, {"video_ids": [57]}, "reader")
    yield send("POST", delete, {"video_ids": [1] * 100_001})


def _films() -> Iterator[Ask]:
    scan = "/api/videos/scan-directories"
    for value in VALUES:
        yield send("POST", scan, {"artist_id": value})
        yield send("POST", scan, {"dry_run": value, "artist_id": 1})
        yield send("POST", scan, value)
    yield send("POST", scan, {"dry_run": False})
    yield send("POST", scan, {"dry_run": True, "artist_id": 999})
    for _ in range(2):
        yield Ask("POST", "/api/videos/recovery/fix-missing")
    yield send("POST", scan, {"dry_run": False})
    yield get("/api/videos/?sort=created_at", tied="videos:created_at")
