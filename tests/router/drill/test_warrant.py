"""The header that makes modern fail: nobody but who has the secret, for one route, for a while, once."""

import pytest

from router.drill.warrant import LASTS, Warrant, read, sign
from router.drill.warrants import MOST, Warrants
from router.visitor_cookie import derived_key

KEY = derived_key("secret", b"drill")
ROUTE = "GET /api/orders/{order_id}; name=Café"
NOW = 1_000_000.0


def warrant(number: int = 1, until: int = int(NOW) + 30, route: str = ROUTE) -> Warrant:
    return Warrant(route, until, f"{number:032x}")


def test_what_was_signed_is_read_and_fits_a_header() -> None:
    text = sign(KEY, warrant())
    assert read(KEY, text, NOW) == warrant()
    assert text.isascii()
    assert "secret" not in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 100_000,
        sign(derived_key("another", b"drill"), warrant()),
        sign(derived_key("secret", b"override"), warrant()),
        sign(KEY, warrant()).replace("GET", "PUT"),
        sign(KEY, warrant()).replace("nonce=0", "nonce=1"),
        sign(KEY, warrant(until=int(NOW))),
        sign(KEY, warrant(until=int(NOW) + LASTS + 1)),
    ],
)
def test_what_is_forged_or_out_of_date_is_none(text: str) -> None:
    assert read(KEY, text, NOW) is None


def test_a_warrant_counts_once_and_for_its_route() -> None:
    warrants = Warrants(lambda: NOW)
    warrants.trust(KEY)
    text = sign(KEY, warrant()).encode()
    assert not warrants.honours(text, "GET /another")
    assert warrants.honours(text, ROUTE)
    assert not warrants.honours(text, ROUTE)
    assert warrants.seen == {"honoured": 1, "refused": 2}


def test_without_a_secret_none_is_honoured() -> None:
    assert not Warrants(lambda: NOW).honours(sign(KEY, warrant()).encode(), ROUTE)


def test_what_a_worker_remembers_is_bounded_and_forgotten_in_time() -> None:
    now = [NOW]
    warrants = Warrants(lambda: now[0])
    warrants.trust(KEY)
    assert all(warrants.honours(sign(KEY, warrant(number)).encode(), ROUTE) for number in range(MOST))
    assert not warrants.honours(sign(KEY, warrant(MOST)).encode(), ROUTE)
    now[0] += 31
    assert warrants.honours(sign(KEY, warrant(MOST, int(now[0]) + 30)).encode(), ROUTE)
