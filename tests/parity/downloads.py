"""Requests about downloads: rows, jobs in 0.9's shapes, cookies. On neither side does anything fetch a film."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.parity.ask import Ask, get, raw, send
from tests.parity.values import NUMBERS, TEXTS, VALUES

_ROWS = "/api/videos/downloads"
_METUBE = "/api/metube"
_COOKIE = ".youtube.com\tTRUE\t/\tTRUE\t2000000000\tSID\tx"
_COOKIES = (
    f"# Netscape HTTP Cookie File\n{_COOKIE}\n",
    f"#HttpOnly_{_COOKIE}\r\n",
    f"\ufeff{_COOKIE}",
    "youtube.com session_token",
    "a\tb",
    "",
    " \n",
    "# nothing but a comment",
    f"{_COOKIE}\n<html>",
)
_FILE_NAMES = ("cookies.txt", "C.COOKIES", "x.exe", "txt", ".txt", "", "a.txt.gz", "../../x.txt")
_IDS: tuple[Any, ...] = (None, True, 0, -1, 1.0, "3", " 6 ", "x", [], {}, 9**30, 999, 3, 3)
_LISTS: tuple[Any, ...] = ({}, [], None, {"video_ids": None}, {"video_ids": list(_IDS)}, {"video_ids": []})
_ADDRESS = "http://example.org/film.mp4"
_WAITING_ROW, _ENDED_ROW = 2, 9
"""Downloads that the requests before these leave in the library: one to be done, one that is done."""
_LEFT = ("23", "25", "26", "37", "25")
"""Videos that they leave, wanted, failed, watched and without a file, and one of them again."""


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    for name, value in product(("limit", "priority", "artist_id"), NUMBERS):
        yield get(f"{_ROWS}/queue?{name}={value}")
    for text in ("pending", "PENDING", "completed", "bogus", "", *TEXTS[:6]):
        yield Ask("GET", f"{_ROWS}/queue?status={text}".encode("ascii", "replace").decode())
    for limit in NUMBERS:
        yield get(f"{_METUBE}/history?limit={limit}")
    for target in ("queue", "queue/", "history", "health", "cookies/status", "nope"):
        yield get(f"{_METUBE}/{target}")


def writes() -> Iterator[Ask]:
    """Downloads are handed in, stopped, tried again and forgotten; each change is looked at."""
    yield from _priorities()
    for number in ("1", "2", "3", "6", "3", *_LEFT, "0", "999", "9" * 30, "abc"):
        yield Ask("POST", f"/api/videos/{number}/download")
    yield from _looks()
    for body in _LISTS:
        yield send("POST", "/api/videos/bulk/download", body)
    for limit in (*VALUES, 2, 0, -1):
        yield send("POST", "/api/videos/bulk/download-wanted", {"limit": limit})
    yield send("POST", "/api/videos/bulk/download-wanted", {})
    yield from _looks()
    yield from _addresses()
    for name, number in product(("stop", "retry"), ("1", "2", "2", "999", "0", "9" * 30, "abc")):
        yield Ask("POST", f"{_METUBE}/download/{number}/{name}")
        yield get(f"{_METUBE}/history")
    for minutes in (*VALUES, 0, 10):
        yield send("POST", f"{_METUBE}/clear-stuck", {"minutes": minutes})
    yield from _looks()
    for who in ("", "anna", "reader"):
        yield Ask("POST", f"{_METUBE}/download/3/stop", who=who)
    yield Ask("DELETE", f"{_METUBE}/history/clear")
    yield from _looks()
    yield from _cookies()


def _priorities() -> Iterator[Ask]:
    for value in (*VALUES, 1, 10, 11, "5", 2):
        yield send("PUT", f"{_ROWS}/1/priority", {"priority": value})
    for number in (_WAITING_ROW, _WAITING_ROW, _ENDED_ROW, "0", "999", "9" * 30, "abc"):
        yield send("PUT", f"{_ROWS}/{number}/priority", {"priority": 3})
    yield send("PUT", f"{_ROWS}/1/priority", [])


def _addresses() -> Iterator[Ask]:
    whole = {"artist": "Nova Kestrel", "title": "Paper Moon", "url": _ADDRESS}
    for field, value in product((*whole, "quality", "video_id", "download_subtitles"), VALUES):
        yield send("POST", f"{_METUBE}/download/music-video", {**whole, field: value})
    for missing in whole:
        kept = {name: value for name, value in whole.items() if name != missing}
        yield send("POST", f"{_METUBE}/download/music-video", kept)
    for url in ("ftp://x/y", "javascript:x", "//x", "http://", "http://[bad", " http://example.org/b ", "x" * 2001):
        yield send("POST", f"{_METUBE}/download/music-video", {**whole, "url": url})
    for video_id in (6, 999):
        yield send("POST", f"{_METUBE}/download/music-video", {**whole, "video_id": video_id})


def _looks() -> Iterator[Ask]:
    yield get(f"{_METUBE}/queue")
    yield get(f"{_METUBE}/history?limit=0")
    yield get(f"{_ROWS}/queue")
    yield get(f"{_METUBE}/queue", "anna")


def _cookies() -> Iterator[Ask]:
    for content in _COOKIES:
        yield _upload("cookies.txt", content)
        yield Ask("DELETE", f"{_METUBE}/cookies/delete")
    for name in _FILE_NAMES:
        yield _upload(name, _COOKIES[0])
        yield Ask("DELETE", f"{_METUBE}/cookies/delete")
    yield _upload("big.txt", _COOKIES[0] + "#" * (2 * 2**20))
    yield Ask("POST", f"{_METUBE}/cookies/upload")
    yield _upload("cookies.txt", _COOKIES[0], field="other")
    for who in ("anna", "reader", "manager"):
        yield Ask("DELETE", f"{_METUBE}/cookies/delete", who=who)


def _upload(name: str, content: str, field: str = "file") -> Ask:
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    body = f"{head}{content}\r\n--b--\r\n".encode()
    return raw("POST", f"{_METUBE}/cookies/upload", body, "multipart/form-data; boundary=b")
