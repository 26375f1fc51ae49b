"""Answers to requests that no row takes: what the router adds to a side's own, and what it leaves alone."""

from typing import Any

import pytest

from router import Side
from router.amendment import Amendment, location
from router.verdict import Kind, Verdict
from tests.router.asking import Client, http_scope

pytestmark = pytest.mark.anyio

ALLOWED = frozenset({"GET", "HEAD", "OPTIONS"})
OPTIONS = Verdict(Kind.OPTIONS, ALLOWED)
REDIRECT = Verdict(Kind.REDIRECT, path="/a/")
WRONG = Verdict(Kind.WRONG_METHOD, ALLOWED)


async def amended(
    verdict: Verdict, side: Side, status: int, method: str = "GET", headers: list[Any] | None = None
) -> tuple[int, dict[str, str], bytes]:
    client = Client()
    scope = http_scope(method, "/a?b=1", [("host", "a.example")])
    send = Amendment(client.send, verdict, side, scope)
    await send({"type": "http.response.start", "status": status, "headers": headers or [(b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": b"own", "more_body": True})
    await send({"type": "http.response.body", "body": b" words"})
    return client.answer.status, client.answer.headers, client.answer.body


@pytest.mark.parametrize("status", [404, 405])
async def test_modern_redirects_where_legacy_does(status: int) -> None:
    told, headers, body = await amended(REDIRECT, Side.MODERN, status, headers=[(b"x-own", b"1"), (b"ETag", b"e")])
    assert (told, headers["location"], headers["x-own"]) == (308, "http://a.example/a/?b=1", "1")
    assert b'<a href="http://a.example/a/?b=1">' in body
    assert headers["content-length"] == str(len(body))
    assert "ETag" not in headers


async def test_a_redirect_of_head_has_no_body() -> None:
    told, headers, body = await amended(REDIRECT, Side.MODERN, 404, "HEAD")
    assert (told, body, int(headers["content-length"]) > 0) == (308, b"", True)


async def test_modern_answers_options_where_legacy_does() -> None:
    told, headers, body = await amended(OPTIONS, Side.MODERN, 405, "OPTIONS")
    assert (told, headers["allow"], body) == (200, "GET, HEAD, OPTIONS", b"")


@pytest.mark.parametrize("verdict", [OPTIONS, REDIRECT, WRONG])
@pytest.mark.parametrize("status", [200, 302, 401, 403, 429, 500])
async def test_a_gate_that_spoke_first_is_not_overruled(verdict: Verdict, status: int) -> None:
    for side in (Side.LEGACY, Side.MODERN):
        assert await amended(verdict, side, status) == (status, {"x-own": "1"}, b"own words")


@pytest.mark.parametrize("status", [404, 405])
async def test_legacy_keeps_its_own_words(status: int) -> None:
    told, _, body = await amended(REDIRECT, Side.LEGACY, status)
    assert (told, body) == (status, b"own words")


async def test_headers_that_can_be_read_but_once_all_arrive() -> None:
    client = Client()
    send = Amendment(client.send, WRONG, Side.MODERN, http_scope("GET", "/a"))
    await send({"type": "http.response.start", "status": 404, "headers": iter([(b"x-own", b"1"), (b"x-two", b"2")])})
    await send({"type": "http.response.body", "body": b"own"})
    assert (client.answer.headers, client.answer.body) == ({"x-own": "1", "x-two": "2"}, b"own")


async def test_allow_names_the_methods_of_both_sides() -> None:
    verdict = Verdict(Kind.WRONG_METHOD, ALLOWED | {"PUT"})
    for side in (Side.LEGACY, Side.MODERN):
        told, headers, body = await amended(verdict, side, 405, headers=[(b"Allow", b"GET, DELETE")])
        assert (told, headers["allow"], body) == (405, "DELETE, GET, HEAD, OPTIONS, PUT", b"own words")
        assert "Allow" not in headers


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("Shop.example:80", "http://shop.example/a/?b=1"),
        ("shop.example:8080", "http://shop.example:8080/a/?b=1"),
        ('evil.example/"<x>', "/a/?b=1"),
        ("evil example", "/a/?b=1"),
        ("", "http://127.0.0.1/a/?b=1"),
    ],
)
async def test_an_address_is_of_this_site_only(host: str, address: str) -> None:
    scope = http_scope("GET", "/a?b=1", [("host", host)] if host else [])
    assert location(scope, "/a/") == address
    assert location({**scope, "path": "//evil.example/x"}, "//evil.example/x/").count("//") <= 1
