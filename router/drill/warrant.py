"""Pure: the permission to let modern fail for one request, as it is sent.

``GET%20/orders/{id}; until=1767225600; nonce=…; sig=…``, in the header ``X-Strangler-Drill``.
"""

import hashlib
import hmac
import re
from typing import NamedTuple
from urllib.parse import quote, unquote

HEADER = b"x-strangler-drill"
LONGEST = 8 * 1024
"""Bytes of a header that are looked at."""
LASTS = 60
"""Seconds that a warrant may be valid for, at most."""

_SIGNED = re.compile(r"([!-:<-~]+); ?until=([0-9]{1,12}); ?nonce=([0-9a-f]{32}); ?sig=([0-9a-f]{64})")


class Warrant(NamedTuple):
    """``route`` is a key, ``until`` is in seconds since 1970, ``nonce`` 32 hexadecimal digits, used once."""

    route: str
    until: int
    nonce: str


def sign(key: bytes, warrant: Warrant) -> str:
    """The header's value."""
    return f"{_text(warrant)}; sig={_signature(key, warrant)}"


def read(key: bytes, text: str, now: float) -> Warrant | None:
    """The warrant, if it was signed with the key and holds now; else None. Never raises."""
    found = _SIGNED.fullmatch(text[:LONGEST])
    if found is None:
        return None
    warrant = Warrant(unquote(found[1]), int(found[2]), found[3])
    if not hmac.compare_digest(found[4], _signature(key, warrant)):
        return None
    return warrant if now < warrant.until <= now + LASTS else None


def _text(warrant: Warrant) -> str:
    return f"{quote(warrant.route, safe='/{}*')}; until={warrant.until}; nonce={warrant.nonce}"


def _signature(key: bytes, warrant: Warrant) -> str:
    return hmac.new(key, _text(warrant).encode(), hashlib.sha256).hexdigest()
