"""Pure: a request that says itself which side shall answer, and whether it may.

``modern; until=1767225600; by=ada; sig=…``, in the header ``X-Strangler-Side``, or percent-encoded in a cookie.
"""

import hashlib
import hmac
import re
from enum import StrEnum
from urllib.parse import quote, unquote

from router.row import Side

HEADER = b"x-strangler-side"
COOKIE = "strangler_side"
LONGEST = 512
"""Bytes of a claim that are looked at."""

_SIGNED = re.compile(r"(modern|legacy); ?until=([0-9]{1,12}); ?by=([A-Za-z0-9._@+-]{1,64}); ?sig=([0-9a-f]{64})")
_BY = re.compile(r"[A-Za-z0-9._@+-]{1,64}")


class Claim(StrEnum):
    """What became of it."""

    HONOURED = "honoured"
    UNSIGNED = "unsigned"
    EXPIRED = "expired"
    FORGED = "forged"
    REFUSED = "refused"


def sign(key: bytes, side: Side, until: int, by: str) -> str:
    """The signed text. ``until`` is in seconds since 1970. Raises ValueError for a name that no header can carry."""
    if _BY.fullmatch(by) is None:
        raise ValueError("A name has 1 to 64 characters of A-Z a-z 0-9 . _ @ + -")
    return f"{_text(side, until, by)}; sig={_signature(key, side, until, by)}"


def read_claim(key: bytes | None, text: str, now: float) -> tuple[Claim, Side | None]:
    """What a claim is worth, and the side it names: for HONOURED and UNSIGNED ones. Never raises."""
    if text in {Side.MODERN.value, Side.LEGACY.value}:
        return Claim.UNSIGNED, Side(text)
    found = _SIGNED.fullmatch(text[:LONGEST])
    if found is None or key is None:
        return Claim.FORGED, None
    side, until, by = Side(found[1]), int(found[2]), found[3]
    if not hmac.compare_digest(found[4], _signature(key, side, until, by)):
        return Claim.FORGED, None
    return (Claim.HONOURED, side) if now < until else (Claim.EXPIRED, None)


def in_cookie(signed: str) -> str:
    """The cookie's value of a signed text."""
    return quote(signed, safe="")


def from_cookie(value: str) -> str:
    return unquote(value[: 3 * LONGEST])


def _text(side: Side, until: int, by: str) -> str:
    return f"{side.value}; until={until}; by={by}"


def _signature(key: bytes, side: Side, until: int, by: str) -> str:
    return hmac.new(key, _text(side, until, by).encode(), hashlib.sha256).hexdigest()
