"""Looking for text in a JSON column, in which `%` and `_` are wildcards and case and accents count."""

from typing import Any

from sqlalchemy import ColumnElement, Text, false, func, or_, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from fastapi_app.genres.rules import LONGEST, glob_pattern, like_pattern, spellings

Column = InstrumentedAttribute[Any]


def has_entry(column: Column, entry: str, dialect: str) -> ColumnElement[bool]:
    """Whether one whole text in the column is `entry`."""
    return _contains(column, spellings(entry) if len(entry) <= LONGEST else [], dialect)


def has_part(column: Column, part: str, dialect: str) -> ColumnElement[bool]:
    """Whether some text in the column contains `part`."""
    texts = [spelling[1:-1] for spelling in spellings(part)] if len(part) <= LONGEST else []
    return _contains(column, texts, dialect)


def may_have_part(column: Column, word: str) -> ColumnElement[bool]:
    """False only where no text in the column contains `word`, whatever the case.

    JSON may write a character as itself or escaped with a backslash, so what holds a backslash may hold anything.
    """
    stored = type_coerce(column, Text)
    plain = "".join(f"\\{char}" if char in "\\%_" else char for char in word.lower())
    return or_(func.lower(stored).like(f"%{plain}%"), stored.like("%\\\\%"))


def _contains(column: Column, texts: list[str], dialect: str) -> ColumnElement[bool]:
    """On SQLite `LIKE` is taught to be blind to case, as MariaDB's is for every other column; `GLOB` is not."""
    stored = type_coerce(column, Text)
    if dialect == "sqlite":
        return or_(false(), *(func.glob(glob_pattern(text), stored) for text in texts))
    return or_(false(), *(stored.like(like_pattern(text)) for text in texts))
