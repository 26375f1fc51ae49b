"""What may differ between two answers to one request."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Fold = Callable[[str], Any]


@dataclass(frozen=True)
class Tied:
    """A list, the members that sort it, and at which ends (s, e) a page may cut through equal rows."""

    path: str
    keys: tuple[str, ...]
    cut: str = "se"

    @classmethod
    def of(cls, order: Mapping[str, Any]) -> "Tied":
        key = order["key"]
        keys = () if key is None else (key,) if isinstance(key, str) else tuple(key)
        return cls(order["list"], keys, order.get("cut", "se"))


@dataclass(frozen=True)
class Rules:
    """How an answer is compared.

    ``masked`` are JSON paths whose values differ from one call to the next, ``unordered`` those of lists that are sets.
    ``tied`` names a list that is sorted by some members alone: rows that are equal in those come in any order.
    ``by_chance`` are patterns of text that every call makes anew.

    ``ignored`` are fields that count in no way: a header as ``header:x-name``, or a place in the JSON with ``[*]`` for
    every place in a list; what lies below it is ignored with it. ``close`` are JSON paths of numbers, each with the
    relative difference that is none.

    ``live``: both sides were asked the same at the same moment, of the same data. Then every header counts (those that
    no client goes by, as cosmetic), validators do not where the content is equal, moments near the present count, and
    JSON may be written as it likes. ``whole_pages``: HTML counts to the last byte, not by its title alone.
    """

    masked: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    tied: Tied | None = None
    by_chance: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    close: tuple[tuple[str, float], ...] = ()
    live: bool = False
    whole_pages: bool = False

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> "Rules":
        """From the members ``volatile``, ``loose``, ``unordered`` and ``order`` of a corpus line."""
        order = line.get("order")
        return cls(
            (*line.get("volatile", ()), *line.get("loose", ())),
            tuple(line.get("unordered", ())),
            Tied.of(order) if order else None,
        )


LIVE = Rules(live=True, whole_pages=True)
"""How the mirror compares, unless it is told."""


def fold(text: str) -> str:
    """Text as most databases sort it: blind to case, accents and spaces at the end."""
    plain = unicodedata.normalize("NFKD", text.casefold().rstrip(" "))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
