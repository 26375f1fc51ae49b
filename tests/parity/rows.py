"""The rows that requests left behind, in a form that can be compared."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, inspect

from fastapi_app.models import Base
from tests.parity.shape import settle

Rows = Mapping[str, list[dict[str, Any]]]

_SECRETS = ("session_token",)


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
    if name in _SECRETS:
        return f"{len(value)} characters"
    return settle(value.isoformat(), at) if isinstance(value, datetime) else value


def differing_rows(left: Rows, right: Rows) -> list[str]:
    """Rows that only one side has, told in a line each."""
    found: list[str] = []
    for table in left:
        sides = [{row["id"]: row for row in rows[table]} for rows in (left, right)]
        for row_id in sorted({*sides[0], *sides[1]}):
            first, second = (side.get(row_id, {}) for side in sides)
            found += [
                f"{table} {row_id} {name}: {first.get(name)!r:.80} legacy, {second.get(name)!r:.80} modern"
                for name in {**first, **second}
                if first.get(name, "(absent)") != second.get(name, "(absent)")
            ]
    return found
