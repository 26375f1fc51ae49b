"""Entity tags, and what a client that has one is told. Pure."""

from collections.abc import Hashable
from hashlib import blake2b

from fastapi_app.media.conditions import parse_tags

CACHE_CONTROL = "private, no-cache"
"""Kept by the client alone, and asked about before each use."""

_DIGEST_BYTES = 16


def tag_of(*parts: Hashable) -> str:
    """A strong entity tag, quoted: the same parts, the same answer to the byte. `repr` must tell parts apart."""
    return _quoted(repr(parts).encode())


def tag_of_body(body: bytes) -> str:
    """A strong entity tag of the answer itself."""
    return _quoted(body)


def has_it(if_none_match: str, tag: str) -> bool:
    """Whether the client said that it has this answer. Weak tags count as strong ones, and `*` is any answer."""
    found = parse_tags(if_none_match)
    return "*" in found or tag.strip('"') in found


def headers(tag: str) -> dict[str, str]:
    return {"etag": tag, "cache-control": CACHE_CONTROL}


def _quoted(content: bytes) -> str:
    return f'"{blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()}"'
