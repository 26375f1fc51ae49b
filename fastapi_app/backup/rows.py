"""Rows as lines of JSON, and back: the same line on both databases."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, Table, func, select

from fastapi_app.caching.tags import CACHE_PREFIX
from fastapi_app.models import Base
from fastapi_app.schema import VERSION_TABLE
from fastapi_app.search.kinds import INDEX_PREFIX

BATCH_ROWS = 1_000
_BYTES = "bytes"


def tables(connection: Connection) -> list["Table[Any]"]:
    """Every table that holds something of its own, each after those that it refers to.

    Values pass through as they are stored: JSON stays the text it is, an ENUM its name.
    """
    inspector = sa.inspect(connection)
    present = set(inspector.get_table_names())
    known = [table for table in Base.metadata.sorted_tables if table.name in present]
    names = {table.name for table in known}
    others = sorted(
        name
        for name in present - names
        if name != VERSION_TABLE and not name.startswith((INDEX_PREFIX, CACHE_PREFIX, "sqlite_"))
    )
    return [_plain(table) for table in known] + [_reflected(connection, name) for name in others]


def lines(connection: Connection, table: "Table[Any]") -> Iterator[bytes]:
    """The names of the columns, then a line for each row, in the order of the primary key."""
    yield _line([column.name for column in table.columns])
    order = list(table.primary_key) or list(table.columns)
    query = select(table).order_by(*order).execution_options(yield_per=BATCH_ROWS)
    with connection.execute(query) as rows:
        for row in rows:
            yield _line([_written(value) for value in row])


def count(connection: Connection, table: "Table[Any]") -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def read(table: "Table[Any]", found: Iterator[bytes]) -> Iterator[Mapping[str, Any]]:
    """The rows of such lines, for an INSERT. Columns that the table lacks are left out. Raises ValueError."""
    names = _values(next(found, b"null"))
    for line in found:
        values = _values(line)
        if len(values) != len(names):
            raise ValueError(table.name)
        yield {
            name: _value(table.columns[name].type, value)
            for name, value in zip(names, values, strict=True)
            if name in table.columns
        }


def _line(values: Sequence[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape") + b"\n"


def _written(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta | Decimal):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return {_BYTES: base64.b64encode(bytes(value)).decode()}
    return value


def _values(line: bytes) -> list[Any]:
    values = json.loads(line)
    if not isinstance(values, list):
        raise TypeError
    return values


def _value(kind: "sa.types.TypeEngine[Any]", value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value[_BYTES])
    if isinstance(kind, sa.DateTime) and isinstance(value, str):
        return None if value.startswith("0000-00-00") else datetime.fromisoformat(value)
    return value


def _plain(table: "Table[Any]") -> "Table[Any]":
    columns = [sa.Column(column.name, _stored(column.type), primary_key=column.primary_key) for column in table.columns]
    return Table(table.name, MetaData(), *columns)


def _reflected(connection: Connection, name: str) -> "Table[Any]":
    return _plain(Table(name, MetaData(), autoload_with=connection, resolve_fks=False))


def _stored(kind: "sa.types.TypeEngine[Any]") -> "sa.types.TypeEngine[Any]":
    """A type that changes nothing."""
    if isinstance(kind, sa.DateTime):
        return sa.DateTime()
    if isinstance(kind, sa.Integer | sa.Boolean):
        return sa.BigInteger()
    if isinstance(kind, sa.Float):
        return sa.Double()
    if isinstance(kind, sa.LargeBinary):
        return sa.LargeBinary()
    return sa.Text()
