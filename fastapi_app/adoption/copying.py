"""Copies a library from one database to another, exactly: MariaDB to SQLite, and back."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, MetaData, RowMapping, Table, func, select

from fastapi_app.models.base import EnumName

BATCH_ROWS = 2_000
_ENUMS = "enums"
_ZERO_DATE = "0000-00-00"

Progress = Callable[[str, int, int], None]
"""Told after every batch: the table, rows copied so far, rows in all."""


class ValueChanged(Exception):
    """The target can't keep a value as it is. The copy was undone."""

    def __init__(self, table: str) -> None:
        super().__init__(f"a value of {table} does not fit the target")


class CopyIncomplete(Exception):
    """The target does not hold as many rows as the source. Nothing was taken from the source."""

    def __init__(self, table: str, copied: int, wanted: int) -> None:
        super().__init__(f"{copied} of {wanted} rows of {table} arrived")


def copy(source: Engine, target: Engine, metadata: MetaData, progress: Progress | None = None) -> dict[str, int]:
    """Copies every row of the tables of `metadata` that the source has; how many, by table.

    The target's tables must exist and be empty. One transaction on each end: a copy that fails leaves the target
    empty. Raises CopyIncomplete when the counts differ at the end.
    """
    with source.connect() as reading, target.begin() as writing:
        _repeatable(reading)
        present = set(sa.inspect(reading).get_table_names())
        tables = [_plain(table) for table in metadata.sorted_tables if table.name in present]
        return {table.name: _copy_table(reading, writing, table, progress) for table in tables}


def _copy_table(reading: Connection, writing: Connection, table: Table[Any], progress: Progress | None) -> int:
    wanted = reading.scalar(select(func.count()).select_from(table)) or 0
    copied = 0
    rows = reading.execution_options(yield_per=BATCH_ROWS).execute(select(table).order_by(*table.primary_key))
    for batch in rows.mappings().partitions():
        _insert(writing, table, [_without_zero_dates(row) for row in batch])
        copied += len(batch)
        if progress is not None:
            progress(table.name, copied, wanted)
    arrived = writing.scalar(select(func.count()).select_from(table)) or 0
    if arrived != wanted:
        raise CopyIncomplete(table.name, arrived, wanted)
    return copied


def _insert(writing: Connection, table: Table[Any], rows: list[dict[str, Any]]) -> None:
    """Inserts the rows. An ENUM may hold '', which MariaDB writes only where it is not strict, and then warns of."""
    names = table.info.get(_ENUMS, ())
    odd = [row for row in rows if writing.dialect.name == "mysql" and any(row[name] == "" for name in names)]
    plain = [row for row in rows if row not in odd] if odd else rows
    if plain:
        writing.execute(table.insert(), plain)
    if not odd:
        return
    strict = writing.exec_driver_sql("SELECT @@SESSION.sql_mode").scalar_one()
    writing.exec_driver_sql("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
    for row in odd:
        writing.execute(table.insert(), row)
        warnings = len(writing.exec_driver_sql("SHOW WARNINGS").all())
        if warnings != sum(row[name] == "" for name in names):
            raise ValueChanged(table.name)
    writing.exec_driver_sql("SET SESSION sql_mode = %s", (strict,))


def _without_zero_dates(row: RowMapping) -> dict[str, Any]:
    """The values, with None for MariaDB's zero dates: SQLite has none, and to both sides they are none."""
    return {
        name: None if isinstance(value, str) and value.startswith(_ZERO_DATE) else value for name, value in row.items()
    }


def _plain(table: Table[Any]) -> Table[Any]:
    """The table with types that pass values through as stored: JSON stays the text it is, an ENUM its name."""
    columns = [sa.Column(column.name, _stored(column.type), primary_key=column.primary_key) for column in table.columns]
    enums = tuple(column.name for column in table.columns if isinstance(column.type, EnumName))
    return Table(table.name, MetaData(), *columns, info={_ENUMS: enums})


def _stored(kind: "sa.types.TypeEngine[Any]") -> "sa.types.TypeEngine[Any]":
    if isinstance(kind, sa.DateTime):
        return sa.DateTime()
    if isinstance(kind, sa.Integer | sa.Boolean):
        return sa.Integer()
    return sa.Text()


def _repeatable(connection: Connection) -> None:
    """All tables as they were at one moment. SQLite's transactions are that by nature."""
    if connection.dialect.name == "mysql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.commit()
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT")
