"""Pure: what a request is told that no row takes, so that it hears the same from either side.

The legacy application's router is the model: a missing slash and doubled ones are redirects, OPTIONS is answered where
the framework answers it, another method is refused with every method that either side has there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from router.declared import ANY_METHOD
from router.row import Side
from router.trie import Found, Place, Trie, Turn, normal

Tries = Mapping[str, Trie]


class Kind(StrEnum):
    UNKNOWN = "the side's own answer"
    NOT_FOUND = "404"
    WRONG_METHOD = "405"
    OPTIONS = "200 to OPTIONS"
    REDIRECT = "308"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``allow``: the methods of both sides on the path. ``path``: where a redirect leads, decoded. ``side`` answers,
    whatever the flag says; None: the flag says it."""

    kind: Kind
    allow: frozenset[str] = frozenset()
    path: str = ""
    side: Side | None = None


UNKNOWN = Verdict(Kind.UNKNOWN)
NOT_FOUND = Verdict(Kind.NOT_FOUND)

_DOUBLED = re.compile("/{2,}")


def redirect(path: str) -> Verdict:
    """``path`` is decoded."""
    return Verdict(Kind.REDIRECT, path=path)


def judge(legacy: Tries, modern: Tries, method: str, path: str) -> Verdict:
    """The verdict on a request that no row takes. ``modern`` are the routes that only modern has."""
    path = normal(path)
    merged = _DOUBLED.sub("/", path)
    found = ask(legacy, method, path)
    ours = allowed(legacy, path) | allowed(legacy, merged)
    theirs = allowed(modern, path)
    if found is Turn.SLASH:
        return redirect(path + "/")
    if found in {Turn.OPTIONS, Turn.BARE_OPTIONS}:
        return Verdict(Kind.OPTIONS, allowed(legacy, path) | theirs)
    if isinstance(found, Place):  # a converter refused what its pattern took
        return NOT_FOUND
    found = None if merged == path else ask(legacy, method, merged)
    if found is not None:
        return redirect(merged + "/" if found is Turn.SLASH else merged)
    if ours:
        return Verdict(Kind.WRONG_METHOD, ours | theirs)
    toggled = path.removesuffix("/") if path.endswith("/") else path + "/"
    if theirs or (_knows(modern, toggled) and not allowed(legacy, toggled)):
        return Verdict(Kind.UNKNOWN, theirs, side=Side.MODERN)
    return NOT_FOUND


def compare_methods(legacy: Tries, modern: Tries, path: str) -> Verdict:
    """The verdict where only paths are known: each side answers as it does alone, and Allow names what both have."""
    ours, theirs = allowed(legacy, path), allowed(modern, path)
    return Verdict(Kind.UNKNOWN, ours | theirs, side=Side.MODERN if theirs and not ours else None)


def ask(tries: Tries, method: str, path: str) -> Found | None:
    """What stands at the path for this method, or for any where nothing names it."""
    return (tries.get(method) or tries[ANY_METHOD]).find(path)


def allowed(tries: Tries, path: str) -> frozenset[str]:
    """The methods that one side has on a path; a path that only lacks its slash has none."""
    found = {method: trie.find(path) for method, trie in tries.items() if method != ANY_METHOD}
    return frozenset(method for method, one in found.items() if one is Turn.OPTIONS or _is_exact(one))


def _knows(tries: Tries, path: str) -> bool:
    return any(_is_exact(trie.find(path)) for trie in tries.values())


def _is_exact(found: Found | None) -> bool:
    return isinstance(found, Place) and found.exact
