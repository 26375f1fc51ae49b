"""Requests about watched playlists and discovery."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.parity.ask import Ask, get, send
from tests.parity.values import VALUES

_BASE = "/api/youtube/playlists"
_TARGET = f"{_BASE}/1"
_URLS = (
    "https://www.youtube.com/playlist?list=PLnew",
    " https://youtu.be/x?list=PLnew&index=2 ",
    "https://www.youtube.com/watch?v=1&list=PL1",
    "https://www.youtube.com/playlist?list=pl1",
    "https://www.youtube.com/playlist?list=" + "a" * 100,
    "https://www.youtube.com/playlist?list=" + "a" * 101,
    "https://www.youtube.com/playlist?list=",
    "https://www.youtube.com/playlist?list=a%20b",
    "https://www.youtube.com/playlist?LIST=PLnew",
    "nope",
    " ",
)
_BODIES: tuple[Any, ...] = (
    {},
    {"bogus": 1},
    [],
    None,
    {"name": "ok", "quality": None},
    {"playlist_id": "PL2", "name": "kept id"},
)


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    for end in ("", "?x=1", "1", "0", "2", "999", "9" * 30, "abc", "status", "status/"):
        yield get(f"/api/youtube/playlists/{end}")
    for target in ("/api/youtube/playlists", "/api/discovery/stats", "/api/discovery/stats/", "/api/discovery/nope"):
        yield get(target)


def writes() -> Iterator[Ask]:
    """Changes, then the end of the one that there is, together with its videos."""
    for field, value in product(("name", "auto_download", "quality", "keywords"), VALUES):
        yield send("PUT", _TARGET, {field: value})
        yield get(_TARGET)
    for body in _BODIES:
        yield send("PUT", _TARGET, body)
    yield from _watching()
    for number in ("999", "0", "9" * 30, "abc"):
        yield send("PUT", f"/api/youtube/playlists/{number}", {"name": "x"})
        yield Ask("DELETE", f"/api/youtube/playlists/{number}?delete_videos=true")
    for key in ("youtube_api_key", "imvdb_api_key"):
        yield send("PUT", f"/api/settings/{key}", {"value": "do-not-show"}, "root")
    yield from _watching()
    yield send("PUT", "/api/settings/youtube_api_key", {"value": "no header holds thís"}, "root")
    yield Ask("POST", f"{_TARGET}/sync")
    yield send("PUT", "/api/settings/metube_port", {"value": "99"})
    yield get("/api/youtube/playlists/status")
    yield get("/api/discovery/stats")
    yield Ask("DELETE", f"{_TARGET}?delete_videos=TRUE")
    yield Ask("DELETE", _TARGET)
    yield get("/api/videos/?sort=created_at", tied="videos:created_at")
    yield get("/api/youtube/playlists/")


def _watching() -> Iterator[Ask]:
    """With YouTube away."""
    for url in _URLS:
        yield send("POST", f"{_BASE}/", {"playlist_url": url})
    for field, value in product(("playlist_url", "name", "auto_download", "quality", "keywords"), VALUES):
        yield send("POST", f"{_BASE}/", {"playlist_url": _URLS[0], field: value})
    for body in _BODIES:
        yield send("POST", f"{_BASE}/", body)
    for number in ("1", "01", "0", "999", "9" * 30, "abc", "-1"):
        yield Ask("POST", f"{_BASE}/{number}/sync")
    yield Ask("POST", f"{_BASE}/sync-all")
    yield Ask("POST", f"{_BASE}/sync")
