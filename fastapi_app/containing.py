"""`column LIKE '%text%'`, said so that SQLite can answer for most rows by itself.

SQLite's own `LIKE` knows nothing of accents, so ours is a Python function (`models/collation.py`), called row by row.
A search has to look at every title there is. Most are plain ASCII, and for those SQLite's `instr` finds the same.
"""

from typing import Any

from sqlalchemy import Boolean, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from fastapi_app.models import like_key

_WILD = frozenset("%_\\")


class Contains(FunctionElement[bool]):
    """Of a text column, a text without wildcards as `LIKE` sees it (`like_key`), and the condition with `LIKE`."""

    type = Boolean()
    inherit_cache = True


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """What `column.like(f"%{text}%")` is. Wildcards in `text` work, as they did in 0.9."""
    pattern: ColumnElement[bool] = column.like(f"%{text}%")
    needle = like_key(text)
    return pattern if _WILD & {*needle} else Contains(column, needle, pattern)


@compiles(Contains)
def _as_like(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    _, _, pattern = element.clauses
    return str(compiler.process(pattern.self_group(), **options))


@compiles(Contains, "sqlite")
def _as_instr(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    """`length` counts characters of a text and bytes of a blob: the two are equal where all is ASCII."""
    column, needle, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    plain = f"length({column}) = length(CAST({column} AS BLOB))"
    return f"CASE WHEN {plain} THEN instr(lower({column}), {needle}) > 0 ELSE {pattern} END"
