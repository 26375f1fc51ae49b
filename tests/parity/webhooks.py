"""Requests about webhooks."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

from tests.parity.ask import Ask, get, send
from tests.parity.values import VALUES

_URL = "http://127.0.0.1:9/golden?a=b&c=%2F"
_URLS: tuple[Any, ...] = (
    "nope", "ftp://h/", "http://", "http:///x", "http://h", "HTTP://h/", "https://h:99999999/", "http://[::1]/x",
    "http://[bad", "http://h/a b", "http://h/\n", "http://ü.example/日本", "http://h/" + "x" * 2_000, *VALUES,
)  # fmt: skip
_FIELDS = ("secret", "events", "enabled", "max_retries", "timeout", "headers")
_HEADERS = (
    {"X-A": "b"},
    {"X A": "b"},
    {"X-A": "b\r\nX: y"},
    {"X-A": 1},
    {"X-A": "日本"},
    {"": "b"},
    {"Authorization": "Bearer x"},
)
_NUMBERS = (-1, 0, 1, 10, 11, 300, 301, "5", " 5 ", 2.5, "x", True)

_CHECKED: tuple[Any, ...] = (
    {},
    [],
    None,
    "x",
    {"url": _URL, "events": "video.added"},
    {"events": ["a", "b"], "timeout": 0},
)

_CHANGED: tuple[Any, ...] = (
    {},
    [],
    {"events": ["bogus"]},
    {"url": "http://other/"},
    {"enabled": False, "events": ["video.deleted"]},
)


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    for target in ("/api/webhooks/", "/api/webhooks", "/api/webhooks/events", "/api/webhooks/stats"):
        yield get(target)
    for target in ("/api/webhooks/events/", "/api/webhooks/nope", "/api/webhooks/http://h/x", "/api/webhooks//x"):
        for method in ("GET", "POST"):
            yield Ask(method, target)


def writes() -> Iterator[Ask]:
    """Adding, changing and removing; masks; what other programs left in the setting."""
    for url in _URLS:
        yield send("POST", "/api/webhooks/validate", {"url": url})
        yield send("POST", "/api/webhooks/", {"url": url})
    for body in _CHECKED:
        yield send("POST", "/api/webhooks/validate", body)
    first = {
        "url": _URL,
        "secret": "s",
        "events": ["video.added", "video.added"],
        "headers": {"X-Api-Key": "k", "X": "y"},
    }
    yield send("POST", "/api/webhooks/", first)
    yield send("POST", "/api/webhooks/", {"url": _URL})
    for secret, headers in product(("***", "********", "new"), ({}, {"X-Token": "***"}, {"X": "***"})):
        yield send("POST", "/api/webhooks/", {"url": "http://mask/", "secret": secret, "headers": headers})
    yield from _changes(f"/api/webhooks/{quote(_URL, safe='')}")
    yield from _odd_settings()


def _changes(target: str) -> Iterator[Ask]:
    for field, value in (*product(_FIELDS, VALUES), *product(("max_retries", "timeout"), _NUMBERS)):
        yield send("PUT", target, {field: value})
    for headers in (*_HEADERS, {"Authorization": "***", "New-Token": "********"}, {"X-Api-Key": "***"}):
        yield send("PUT", target, {"headers": headers})
    for secret in ("kept", "***", "********", "", "***"):
        yield send("PUT", target, {"secret": secret})
        yield get("/api/webhooks/")
    for body in _CHANGED:
        yield send("PUT", target, body)
    for wanted in ("/api/webhooks/", "/api/webhooks/stats"):
        yield get(wanted)
    for other in ("nope", "events", "stats", "http://127.0.0.1:9", "http:%2F%2F127.0.0.1:9%2Fh", "http://mask/", "%00"):
        yield send("PUT", f"/api/webhooks/{other}", {"timeout": 5})
        yield Ask("DELETE", f"/api/webhooks/{other}")
    yield Ask("DELETE", target)
    yield Ask("DELETE", target)


def _odd_settings() -> Iterator[Ask]:
    entry = '{"url": "http://h/", "enabled": 1, "events": "x", "timeout": "x", "own": [1]}'
    entries = f'{{"endpoints": [5, {{"url": 5}}, {entry}], "own": 2}}'
    for stored in ("{", "[]", '{"endpoints": 5}', "", "null", entries):
        yield send("PUT", "/api/settings/webhooks_config", {"value": stored})
        yield get("/api/webhooks/")
        yield get("/api/webhooks/stats")
        yield send("PUT", "/api/webhooks/http://h/", {"secret": "x", "headers": {"A": "b"}})
        yield send("POST", "/api/webhooks/", {"url": "http://new/"})
        yield Ask("DELETE", "/api/webhooks/http://nothing/")
    yield Ask("DELETE", "/api/settings/webhooks_config")
    yield send("PUT", "/api/webhooks/http://h/", {"timeout": 5})
    yield send("POST", "/api/webhooks/", {"url": "http://new/"})
    yield send("POST", "/api/webhooks/", {"url": "http://big/", "headers": {"X-Big": "x" * 66_000}})
