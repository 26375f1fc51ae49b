"""Asking another service in the request, as 0.9 did, and reading its answer with distrust."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

_TIMEOUTS = (5, 30)
"""Seconds for the connection, and between two parts of the answer."""
_MOST_BYTES = 2 * 2**20


class Unreadable(Exception):
    """The answer is too long, packed, or no JSON."""


def sendable(key: str) -> bool:
    """Whether a header can carry the key."""
    return key.isascii() and key.isprintable() and " " not in key


@contextmanager
def asked(url: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> Iterator[requests.Response]:
    """The beginning of an answer; its body is read inside the block. Raises requests' errors, and OSError.

    No redirect is followed: the key is for this host alone.
    """
    sent = {"User-Agent": "MVidarr/1.0", "Accept-Encoding": "identity", **headers}
    with requests.get(
        url, params=query, headers=sent, timeout=_TIMEOUTS, stream=True, allow_redirects=False
    ) as response:
        yield response


def whole(response: requests.Response) -> bytes:
    """The body as it was sent; we asked for no compression. Raises Unreadable."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unreadable
    raw = bytearray()
    for part in response.iter_content(2**16):
        raw += part
        if len(raw) > _MOST_BYTES:
            raise Unreadable
    return bytes(raw)


def parsed(raw: bytes) -> Any:
    """The JSON in a body. Raises Unreadable."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable from None
