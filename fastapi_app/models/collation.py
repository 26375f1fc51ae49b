"""MariaDB's text rules for SQLite.

0.9 lives on `utf8mb4_unicode_ci`: comparing and sorting ignore case, accents and trailing spaces, every character
beyond the basic plane weighs the same, and `ß` equals `ss`. `LIKE` compares character by character, so there `ß` is
one character and spaces count. SQLite knows none of this; `install` teaches it to one connection.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

TEXT_COLLATION = "unicode_ci"

_REPLACEMENT = "\ufffd"
_RANKS = {"Z": "0", "C": "0", "P": "1", "S": "2", "N": "3"}
_LETTER_RANK = "4"


class SQLiteConnection(Protocol):
    """What `install` needs of `sqlite3.Connection`."""

    def create_collation(self, name: str, callback: Callable[[str, str], int] | None, /) -> None: ...

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any] | None, /, *, deterministic: bool = False
    ) -> None: ...


@lru_cache(maxsize=65_536)
def sort_key(text: str) -> str:
    """The key by which `text` is equal and ordered: blind to case, accents, trailing spaces and emoji."""
    folded = "".join(_REPLACEMENT if ord(char) > 0xFFFF else char for char in text.rstrip(" "))
    plain = _without_marks(unicodedata.normalize("NFKD", folded)).casefold()
    return "".join(_RANKS.get(unicodedata.category(char)[0], _LETTER_RANK) + char for char in plain)


def compare(left: str, right: str) -> int:
    """-1, 0 or 1, as a collation answers."""
    left_key, right_key = sort_key(left), sort_key(right)
    return (left_key > right_key) - (left_key < right_key)


@lru_cache(maxsize=65_536)
def like_key(text: str) -> str:
    """What `LIKE` sees: blind to case and accents, but one character stays one character."""
    return _without_marks(unicodedata.normalize("NFD", text)).lower()


def like(pattern: str | None, text: str | float | None, escape: str = "\\") -> bool | None:
    """SQL `text LIKE pattern ESCAPE escape`, null when either side is null. MariaDB's default escape is a backslash."""
    if pattern is None or text is None:
        return None
    return _like_pattern(like_key(str(pattern)), escape).fullmatch(like_key(str(text))) is not None


def install(connection: SQLiteConnection) -> None:
    """Gives one SQLite connection the collation and `LIKE` that the tables rely on."""
    connection.create_collation(TEXT_COLLATION, compare)
    connection.create_function("like", 2, like, deterministic=True)
    connection.create_function("like", 3, like, deterministic=True)


def ordered_by(names: tuple[str, ...]) -> Callable[[str, str], int]:
    """A collation that sorts the given names in their own order, as MariaDB sorts an ENUM, and all others first."""
    ranks = {name: rank for rank, name in enumerate(names, start=1)}

    def compare_ranks(left: str, right: str) -> int:
        left_rank, right_rank = ranks.get(left, 0), ranks.get(right, 0)
        if left_rank == right_rank == 0:
            return (left > right) - (left < right)
        return (left_rank > right_rank) - (left_rank < right_rank)

    return compare_ranks


def _without_marks(decomposed: str) -> str:
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=1_024)
def _like_pattern(pattern: str, escape: str) -> re.Pattern[str]:
    parts: list[str] = []
    characters = iter(pattern)
    for char in characters:
        if char == escape:
            parts.append(re.escape(next(characters, escape)))
        else:
            parts.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
    return re.compile("".join(parts), re.DOTALL)
