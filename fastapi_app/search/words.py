"""What a person typed, as words and as the expressions of the two databases. Pure.

Nothing typed is an operator: quotes, signs and brackets only separate words, so no text can be a wrong expression.
"""

import re
import unicodedata
from dataclasses import dataclass

MOST_CHARACTERS = 200
MOST_WORDS = 8
LONGEST_WORD = 80
"""MariaDB's index leaves out words of more than 84 characters."""

SHORT = 3
PAD = "zqx"
"""MariaDB's index leaves out words of one and two letters, and `the` and `who` besides. Those of up to `SHORT` letters
are therefore stored, and asked for, with this ending.
"""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Wanted:
    """A search: the text as typed, and its words; of the last one, typing may have just begun."""

    text: str
    words: tuple[str, ...]


def read(text: str) -> Wanted:
    """Spaces at the ends and control characters don't count, nor does what is beyond the limits."""
    composed = unicodedata.normalize("NFC", text.replace("\0", ""))[:MOST_CHARACTERS]
    plain = " ".join(composed.split())
    words = tuple(word[:LONGEST_WORD] for word in _WORD.findall(plain)[:MOST_WORDS])
    return Wanted(plain, words)


def fts5(wanted: Wanted, columns: tuple[str, ...], *, begun: bool) -> str:
    """The expression of SQLite: every word in one of the columns. `begun` lets the last word be the start of one."""
    filtered = "{" + " ".join(columns) + "}"
    quoted = [f'"{word}"' for word in wanted.words]
    if begun:
        quoted[-1] += " *"
    return " AND ".join(f"{filtered} : {word}" for word in quoted)


def padded(word: str) -> str:
    return word + PAD if len(word) <= SHORT else word
