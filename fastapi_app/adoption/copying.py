"""Copies a library from one database to another, exactly: MariaDB to SQLite, and back."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, MetaData, Table, func, select

BATCH_ROWS = 2_000

Progress = Callable[[str, int, int], None]
"""Told after every batch: the table, rows copied so far, rows in all."""


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
        writing.execute(table.insert(), [dict(row) for row in batch])
        copied += len(batch)
        if progress is not None:
            progress(table.name, copied, wanted)
    arrived = writing.scalar(select(func.count()).select_from(table)) or 0
    if arrived != wanted:
        raise CopyIncomplete(table.name, arrived, wanted)
    return copied


def _plain(table: Table[Any]) -> Table[Any]:
    """The table with types that pass values through as stored: JSON stays the text it is, an ENUM its name."""
    columns = [sa.Column(column.name, _stored(column.type), primary_key=column.primary_key) for column in table.columns]
    return Table(table.name, MetaData(), *columns)


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
