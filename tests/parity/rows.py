"""The rows that requests left behind, in a form that can be compared."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, inspect

from fastapi_app.models import Base
from tests.golden.comparison import Difference
from tests.parity.shape import settle

Rows = Mapping[str, list[dict[str, Any]]]

_SECRETS = (
    "session_token",
    "password_hash",
    "password_reset_token",
    "two_factor_secret",
    "two_factor_last_step",
    "backup_codes",
    "request_id",
    "key_hash",
    "prefix",
    "token_hash",
)
"""Made by chance, or by the moment."""
_BY_SIDE = ("executor", "attempt_limit")
"""Each side runs its own downloads, legacy as 0.9 did: once."""
_PICTURES = ("thumbnail_path", "thumbnail_metadata")


def rows_of(engine: Engine, at: datetime) -> Rows:
    """Every row of every table of the library, by id; tokens and moments near `at` masked."""
    tables = set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        return {
            table.name: [
                {name: _settled(name, value, at) for name, value in row.items()}
                for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()
            ]
            for table in Base.metadata.sorted_tables
            if table.name in tables
        }


def _settled(name: str, value: Any, at: datetime) -> Any:
    if name in _SECRETS and value is not None:
        return f"{len(value)} of {type(value).__name__}" if isinstance(value, str | list) else type(value).__name__
    if name in _BY_SIDE:
        return "either"
    if name in _PICTURES or isinstance(value, dict):
        return settle(value, at)
    return settle(value.isoformat(), at) if isinstance(value, datetime) else value


def differing_rows(legacy: Rows, modern: Rows) -> Iterator[Difference]:
    """The columns in which the rows of one id differ."""
    for table in legacy:
        sides: list[dict[Any, dict[str, Any]]] = [
            {row.get("id", row.get("subject")): row for row in rows[table]} for rows in (legacy, modern)
        ]
        for row_id in sorted({*sides[0], *sides[1]}):
            first, second = (side.get(row_id, {}) for side in sides)
            for name in {**first, **second}:
                pair = (first.get(name, "(absent)"), second.get(name, "(absent)"))
                if pair[0] != pair[1]:
                    yield Difference(f"{table} {row_id}", name, *pair)
