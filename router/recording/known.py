"""Pure: the secrets that a request names itself: what it brings as a cookie or a password is one wherever it stands."""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from typing import Any

from router.recording.mask import Mask, decodings
from router.types import Headers

SHORTEST = 6
"""Characters: shorter ones stand in ordinary words by chance."""
_CREDENTIALS = frozenset({"authorization", "proxy-authorization"})


def secrets_of(headers: Headers, pairs: Iterable[tuple[str, str]], content: Any, mask: Mask) -> frozenset[str]:
    """``pairs`` are the names and values of query and form, decoded; ``content`` is the JSON of the body, or None."""
    found = {*_in_headers(headers, mask), *(value for name, value in pairs if mask.is_secret(name))}
    found.update(_in_content(content, mask))
    return frozenset(form for text in found for form in decodings(text) if len(form) >= SHORTEST)


def tells(line: str, secrets: Iterable[str]) -> bool:
    """Whether a line of a corpus holds one of them, as it stands or encoded."""
    shown = [form for text in (line, _unescaped(line)) for form in decodings(text)]
    return any(secret in text for secret in secrets for text in shown)


def _in_headers(headers: Headers, mask: Mask) -> Iterator[str]:
    for raw_name, raw in headers:
        name, value = raw_name.decode("latin-1").lower(), raw.decode("latin-1")
        if name == "cookie":
            for pair in value.split(";"):
                yield pair.partition("=")[2].strip().strip('"')
        elif name in _CREDENTIALS:
            scheme, _, credential = value.strip().partition(" ")
            yield credential.strip() or scheme
            yield from _basic(credential.strip()) if scheme.lower() == "basic" else ()
        elif mask.is_secret(name):
            yield value.strip()


def _basic(credential: str) -> Iterator[str]:
    try:
        user, _, password = base64.b64decode(credential).decode("utf-8", "replace").partition(":")
    except (ValueError, binascii.Error):
        return
    yield from (user, password)


def _in_content(content: Any, mask: Mask, *, hidden: bool = False) -> Iterator[str]:
    if isinstance(content, dict):
        for name, item in content.items():
            yield from _in_content(item, mask, hidden=hidden or mask.is_secret(name))
    elif isinstance(content, list):
        for item in content:
            yield from _in_content(item, mask, hidden=hidden)
    elif hidden and content is not None and not isinstance(content, bool):
        yield str(content)


def _unescaped(line: str) -> str:
    """With the letters that JSON writes as escapes."""
    return json.dumps(json.loads(line), ensure_ascii=False)
