"""What is for the router alone reaches no application."""

import pytest

from router.request import read_request
from tests.router.asking import http_scope


@pytest.mark.parametrize("name", ["X-Strangler-Drill", "X-Strangler-Side", "X-Strangler-Shadow"])
def test_the_routers_own_headers_are_taken_away(name: str) -> None:
    request = read_request(http_scope("GET", "/", [(name, "text"), ("Accept", "a")]))
    assert [key for key, _ in request.headers] == [b"accept", b"x-request-id"]


def test_a_header_that_says_two_things_says_nothing() -> None:
    twice = read_request(http_scope("GET", "/", [("X-Strangler-Drill", "a"), ("X-Strangler-Drill", "b")]))
    assert (twice.drill, twice.claim) == (None, None)
    once = read_request(http_scope("GET", "/", [("X-Strangler-Drill", "a"), ("X-Strangler-Side", "modern")]))
    assert (once.drill, once.claim) == (b"a", b"modern")


def test_who_sends_none_has_none() -> None:
    assert read_request(http_scope("GET", "/", [("Cookie", "a=b")])).drill is None
