"""A database as MVidarr 0.9 left it, on MariaDB or SQLite, made here from what is known of it.

nine.build(engine, PLAIN)     # the tables of one kind of installation, and in them rows with every known quirk
nine.stored(engine)           # what the columns hold, byte for byte, to be compared with later
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from fastapi_app.models import WRITES
from tests.servers.nine_rows import rows
from tests.servers.nine_tables import Shape
from tests.servers.nine_variants import PLAIN, VARIANTS, Variant

__all__ = ["PLAIN", "VARIANTS", "Extra", "Stored", "Variant", "build", "differences", "fill", "make", "stored"]

Stored = dict[str, dict[int, dict[str, Any]]]
"""Every table by name, every row by id, every column as the driver gives it: JSON is text, an ENUM its name."""


Extra = Mapping[str, Sequence[Mapping[str, Any]]]
"""More rows by table."""


def build(engine: Engine, variant: Variant = PLAIN, more: Extra | None = None) -> None:
    """The tables of `variant` with every quirk in them, and `more` rows. The database must be empty."""
    make(engine, variant.shape)
    fill(engine, rows())
    fill(engine, more or {})


def make(engine: Engine, shape: Shape) -> None:
    """The tables alone."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        for name, table in shape.items():
            for statement in table.statements(name, sqlite=sqlite):
                connection.exec_driver_sql(statement)


def fill(engine: Engine, made: Extra) -> None:
    """Rows as they are; what has no table or no column is left out. MariaDB keeps an unknown ENUM name as ''."""
    lenient = engine.dialect.name == "mysql"
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        present = set(sa.inspect(connection).get_table_names())
        if lenient:
            connection.exec_driver_sql("SET SESSION sql_mode = ''")
        for table in [name for name in made if name in present]:
            _insert(connection, table, made[table])
        if lenient:
            connection.exec_driver_sql("SET SESSION sql_mode = DEFAULT")


def _insert(connection: Connection, table: str, made: Sequence[Mapping[str, Any]]) -> None:
    present = {column["name"] for column in sa.inspect(connection).get_columns(table)}
    for row in made:
        names = [name for name in row if name in present]
        into = sa.table(table, *(sa.column(name) for name in names))
        connection.execute(into.insert().values({name: row[name] for name in names}))


def stored(engine: Engine) -> Stored:
    """What every table with an `id` holds, without any type between. The flags of routes are nobody's rows."""
    found: Stored = {}
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for table in inspector.get_table_names():
            has_id = inspector.get_pk_constraint(table)["constrained_columns"] == ["id"]
            if has_id and not table.startswith(("strangler_", "search_")):
                rows_found = connection.exec_driver_sql(f"SELECT * FROM `{table}`").mappings()
                found[table] = {row["id"]: dict(row) for row in rows_found}
    return found


def differences(before: Stored, after: Stored) -> set[tuple[str, int, str]]:
    """Table, id and column of everything that is not as before; `+` is a new row, `-` one that is gone."""
    found: set[tuple[str, int, str]] = set()
    for table in before.keys() | after.keys():
        old, new = before.get(table, {}), after.get(table, {})
        found |= {(table, number, "+") for number in new.keys() - old.keys()}
        found |= {(table, number, "-") for number in old.keys() - new.keys()}
        for number in old.keys() & new.keys():
            names = old[number].keys() | new[number].keys()
            found |= {(table, number, name) for name in names if _differs(old[number], new[number], name)}
    return found


def _differs(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> bool:
    """A column that was added counts only when it holds something."""
    return bool(old.get(name) != new.get(name))
