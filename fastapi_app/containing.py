"""`column LIKE '%text%'`, said so that SQLite can answer for nearly all rows by itself.

SQLite's own `LIKE` knows nothing of accents, so ours is a Python function (`models/collation.py`), called row by row.
A search has to look at every title there is, and two that call Python at once wait for each other at every row. Most
titles are plain ASCII, and for those SQLite's `instr` finds the same. Of the others, one pattern of `GLOB` tells those
that can't contain the text, another those that do; Python is asked about the rest.
"""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, groupby
from typing import Any

from sqlalchemy import Boolean, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from fastapi_app.models import like_key

_WILD = frozenset("%_\\")
_END = "\0"
"""Here SQLite's patterns stop reading, and `length` stops counting."""

_BEYOND_ASCII = "\x80-\U0010ffff"
_USUAL = tuple(map(chr, chain(range(0x80, 0x250), range(0x3041, 0x3100))))
"""Latin letters with accents, and kana: what most titles beyond ASCII are written in."""

_ENOUGH = 16
_LONGEST = 100
"""A pattern of SQLite must not be longer than 50,000 bytes."""


class Contains(FunctionElement[bool]):
    """Of a text column, a text without wildcards as `LIKE` sees it (`like_key`), and the condition with `LIKE`.

    Then the two patterns, and the character that both can't read.
    """

    type = Boolean()
    inherit_cache = True


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """What `column.like(f"%{text}%")` is. Wildcards in `text` work, as they did in 0.9."""
    pattern: ColumnElement[bool] = column.like(f"%{text}%")
    needle = like_key(text)
    if _WILD & {*needle}:
        return pattern
    return Contains(column, needle, pattern, possible(needle), certain(needle), _END)


def possible(needle: str) -> str:
    """What every text that contains the needle matches: a character beyond ASCII may mean any."""
    read = needle.partition(_END)[0][:_ENOUGH]
    return f"*{''.join(_class([*_in_ascii(char), _BEYOND_ASCII]) for char in read)}*"


def certain(needle: str) -> str:
    """What only texts that contain the needle match: the usual spellings of each of its characters."""
    return f"*{''.join(map(_spelled, needle))}*" if len(needle) <= _LONGEST else ""


def _in_ascii(char: str) -> str:
    """The characters of ASCII that are this small one to `LIKE`; none where it is none of ASCII."""
    if not char.isascii():
        return ""
    capital = char.upper()
    return char if capital == char else char + capital


@lru_cache(maxsize=1_024)
def _spelled(char: str) -> str:
    """Every usual character that is this one to `LIKE`, as one set."""
    usual = sorted({*(_in_ascii(char) or char), *_spellings().get(char, "")})
    runs = groupby(enumerate(usual), lambda placed: ord(placed[1]) - placed[0])
    return _class([_span([each for _, each in run]) for _, run in runs])


@cache
def _spellings() -> Mapping[str, str]:
    """Usual characters beyond ASCII, by what they are to `LIKE`."""
    found: dict[str, str] = {}
    for char in _USUAL:
        key = like_key(char)
        found[key] = found.get(key, "") + char
    return found


def _span(run: Sequence[str]) -> str:
    """Neighbours among all characters. SQLite looks through a whole set for each character of a text."""
    return run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}"


def _class(members: Sequence[str]) -> str:
    """One of these, as `GLOB` reads it. A caret in front would mean none of them."""
    first, rest = members[0], "".join(members[1:])
    if first == "^":
        return f"[{rest}^]" if rest else first
    return f"[{first}{rest}]"


@compiles(Contains)
def _as_like(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    pattern = [*element.clauses][2]
    return str(compiler.process(pattern.self_group(), **options))


@compiles(Contains, "sqlite")
def _as_instr(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    """`length` counts characters of a text and bytes of a blob: the two are equal where all is ASCII.

    Cases, because `AND` and `OR` among values look at both sides. A column without a text ends at `LIKE`, as null.
    """
    column, needle, pattern, possible, certain, end = (
        compiler.process(clause, **options) for clause in element.clauses
    )
    return (
        f"CASE WHEN length({column}) = length(CAST({column} AS BLOB)) THEN instr(lower({column}), {needle}) > 0 "
        f"WHEN NOT ({column} GLOB {possible} OR instr({column}, {end})) THEN 0 "
        f"WHEN {column} GLOB {certain} THEN 1 ELSE {pattern} END"
    )
