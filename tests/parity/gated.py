"""Requests before the closed gate."""

from collections.abc import Iterator
from itertools import product

from tests.parity.ask import JSON, Ask, get
from tests.parity.values import ODD_TARGETS, ROUTES


def gated() -> Iterator[Ask]:
    """Every route and some that do not exist, as everybody, before the closed gate."""
    for who, (method, target) in product(("", "reader", "anna", "manager", "root"), ROUTES):
        yield Ask(method, target, None, (), who)
    for target in ODD_TARGETS:
        yield get(target)
        yield get(target, content_type=JSON)
        yield Ask("POST", target, b"")
    for method, (_, target) in product(("HEAD", "OPTIONS", "PATCH"), ROUTES):
        yield Ask(method, target)
    for target in ("/videos?q=1&x=%C3%A9", "/videos?next=/a%26b", "/%E5%AE%87?a=b%2Fc", "/auth/dynamic-logout"):
        yield get(target)
        yield get(target, host="music.example.org:8443")
