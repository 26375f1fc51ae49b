"""Requests before the closed gate."""

from collections.abc import Iterator
from itertools import product

from tests.parity import organization, users
from tests.parity.ask import JSON, Ask, get
from tests.parity.values import ENDED, ODD_TARGETS, ROUTES


def gated() -> Iterator[Ask]:
    """Every route and some that do not exist, as everybody, before the closed gate."""
    for who, (method, target) in product(("", "reader", "anna", "manager", "root"), ROUTES):
        yield Ask(method, target, None, (), who)
    yield from organization.gated()
    yield from users.gated()
    for target in ODD_TARGETS:
        yield get(target)
        yield get(target, content_type=JSON)
        yield Ask("POST", target, b"")
    for method, target in ENDED:
        yield Ask(method, target)
    for method, (_, target) in product(("HEAD", "OPTIONS", "PATCH"), ROUTES):
        yield Ask(method, target)
    for target in ("/videos?q=1&x=%C3%A9", "/videos?next=/a%26b", "/%E5%AE%87?a=b%2Fc", "/auth/dynamic-logout"):
        yield get(target)
        yield get(target, host="music.example.org:8443")
