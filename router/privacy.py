"""Pure: what caches are told of an answer that another visitor might have had from the other side."""

from router.types import Headers

_VARY = (b"vary", b"Cookie")
_PRIVATE = (b"cache-control", b"private")
_NAMES = frozenset({b"vary", b"cache-control"})
_ENOUGH = frozenset({"no-store", "private"})


def with_privacy(headers: Headers) -> Headers:
    """The headers, with ``Vary: Cookie`` and ``Cache-Control: private``; what says as much already stays as it is."""
    told = [pair for pair in headers if pair[0].lower() in _NAMES]
    if not told:
        return [*headers, _VARY, _PRIVATE]
    kept = [_not_public(pair) for pair in headers]
    if not {"cookie", "*"} & _words(told, b"vary"):
        kept.append(_VARY)
    if not _ENOUGH & _words(kept, b"cache-control"):
        kept.append(_PRIVATE)
    return kept


def _words(headers: Headers, name: bytes) -> set[str]:
    values = (value.decode("latin-1") for key, value in headers if key.lower() == name)
    return {word.strip().lower() for value in values for word in value.split(",")}


def _not_public(pair: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    if pair[0].lower() != b"cache-control" or b"public" not in pair[1].lower():
        return pair
    words = [b"private" if word.strip().lower() == b"public" else word.strip() for word in pair[1].split(b",")]
    return pair[0], b", ".join(words)
