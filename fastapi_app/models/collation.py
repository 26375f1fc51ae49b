"""MariaDB's text rules for SQLite.

0.9 lives on `utf8mb4_unicode_ci`: comparing and sorting ignore case, accents and trailing spaces, every character
beyond the basic plane weighs the same, and `ß` equals `ss`. `LIKE` compares character by character, so there `ß` is
one character and spaces count. SQLite knows none of this; `install` teaches it to one connection.

Equality is MariaDB's. The order is, too, for Latin text and punctuation; other scripts follow Unicode's code points.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

TEXT_COLLATION = "unicode_ci"

_REPLACEMENT = "\ufffd"

# Both orders were read off MariaDB 10.11 with WEIGHT_STRING(… COLLATE utf8mb4_unicode_ci).
_PUNCTUATION = " `´^¯¨¸_-,;:!¡?¿.·'\"«»()[]{}§¶©®@*/\\&#%°+±÷×<=>¬|¦~¤¢$£¥"
_AFTER = {
    "a": "æ", "b": "ƀɓƃ", "c": "ƈ", "d": "đɖɗƌȡð", "e": "ǝəɛ", "f": "ƒ", "g": "ǥɠɣƣ", "h": "ƕħ", "i": "ıɨɩ", "k": "ƙ",
    "l": "łƚȴƛ", "n": "ɲƞȵŋ", "o": "œøɔɵȣ", "p": "ƥ", "q": "ĸ", "r": "ʀ", "s": "ʃƪ", "t": "ƾŧƫƭʈȶ", "u": "ʉɯʊ",
    "v": "ʋʌ", "y": "ƴ", "z": "ƍƶȥʒƹƺȝþƿƻƨƽƅʼǀǁǂǃ",
}  # fmt: skip
_HIRAGANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
_LAST_OF_BASIC_PLANE = 0xFFFF
_RANKS = {"Z": "0", "C": "0", "P": "1", "S": "2", "N": "3"}
_LETTER_RANK = "4"
_LAST_RANK = "5"
_WEIGHTS = {char: f"0{chr(0x100 + place)}" for place, char in enumerate(_PUNCTUATION)} | {
    letter: f"{_LETTER_RANK}{base}{_LETTER_RANK}{_REPLACEMENT}{letter}"
    for base, letters in _AFTER.items()
    for letter in letters
}
_WEIGHTS[_REPLACEMENT] = _LAST_RANK


class SQLiteConnection(Protocol):
    """What `install` needs of `sqlite3.Connection`."""

    def create_collation(self, name: str, callback: Callable[[str, str], int] | None, /) -> None: ...

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any] | None, /, *, deterministic: bool = False
    ) -> None: ...


@lru_cache(maxsize=65_536)
def sort_key(text: str) -> str:
    """The key by which `text` is equal and ordered: blind to case, accents, trailing spaces and emoji."""
    return "".join(map(_key, text.rstrip(" ")))


def compare(left: str, right: str) -> int:
    """-1, 0 or 1, as a collation answers."""
    left_key, right_key = sort_key(left), sort_key(right)
    return (left_key > right_key) - (left_key < right_key)


def like_key(text: str) -> str:
    """What `LIKE` sees: blind to case and accents, but every code point stays one character."""
    return text.lower() if text.isascii() else _like_key(text)


def like(pattern: str | None, text: str | float | None, escape: str = "\\") -> bool | None:
    """SQL `text LIKE pattern ESCAPE escape`, null when either side is null. MariaDB's default escape is a backslash."""
    if pattern is None or text is None:
        return None
    return _matcher(str(pattern), escape)(like_key(str(text)))


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


@lru_cache(maxsize=8_192)
def _key(char: str) -> str:
    """What one code point adds to a key. Remembered, because a key is made for every text of every sort."""
    return "".join(_WEIGHTS.get(part) or _weight(part) for part in _plain(char))


def _weight(char: str) -> str:
    return _RANKS.get(unicodedata.category(char)[0], _LETTER_RANK) + char


@lru_cache(maxsize=8_192)
def _plain(char: str) -> str:
    """One code point without case, accent, width or form: nothing for a combining mark, two letters for a ligature."""
    if ord(char) > _LAST_OF_BASIC_PLANE:
        return _REPLACEMENT
    base = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return base.casefold().translate(_HIRAGANA)


@lru_cache(maxsize=8_192)
def _single(char: str) -> str:
    plain = _plain(char)
    return plain if len(plain) == 1 and plain != _REPLACEMENT else char


@lru_cache(maxsize=65_536)
def _like_key(text: str) -> str:
    return "".join(map(_single, text))


@lru_cache(maxsize=1_024)
def _matcher(pattern: str, escape: str) -> Callable[[str], bool]:
    """Whether a key matches. `%text%`, which searches send for every row there is, needs no regular expression."""
    key = like_key(pattern)
    inner = key[1:-1]
    if len(key) > 1 and key[0] == key[-1] == "%" and not {"%", "_", escape} & {*inner}:
        return lambda text: inner in text
    whole = _like_pattern(key, escape)
    return lambda text: whole.fullmatch(text) is not None


def _like_pattern(pattern: str, escape: str) -> re.Pattern[str]:
    parts: list[str] = []
    characters = iter(pattern)
    for char in characters:
        if char == escape:
            parts.append(re.escape(next(characters, escape)))
        else:
            parts.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
    return re.compile("".join(parts), re.DOTALL)
