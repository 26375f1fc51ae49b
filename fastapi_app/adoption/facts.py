"""What a database holds, as values: read once, then reasoned about without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, Integer, MetaData, Numeric, String, inspect, text
from sqlalchemy.types import TypeEngine

from fastapi_app.models.base import EnumName

SETTINGS = "settings"


class Family(Enum):
    """What kind of value a column keeps. Widths and spellings differ between installations; this does not."""

    NUMBER = "a number"
    TEXT = "text"
    TIME = "a time"
    OTHER = "something else"


@dataclass(frozen=True)
class Column:
    """One column: its kind of value, and for an ENUM the names it admits."""

    family: Family
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Every table by name, every column by name; and the keys of the settings, where there are any."""

    tables: Mapping[str, Mapping[str, Column]]
    setting_keys: frozenset[str] = frozenset()


def read(connection: Connection, ignored_prefix: str) -> Facts:
    """Looks at every table whose name does not begin with `ignored_prefix`."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if not name.startswith(ignored_prefix)]
    tables = {name: {column["name"]: of(column["type"]) for column in inspector.get_columns(name)} for name in names}
    return Facts(tables, _setting_keys(connection, tables))


def expected(metadata: MetaData) -> Facts:
    """The same of tables that only exist in code."""
    return Facts(
        {table.name: {column.name: of(column.type) for column in table.columns} for table in metadata.sorted_tables}
    )


def of(kind: TypeEngine[Any]) -> Column:
    """What a column of this type keeps. MariaDB's JSON is text, its booleans are numbers."""
    if isinstance(kind, EnumName):
        return Column(Family.TEXT, tuple(member.name for member in kind.members))
    if isinstance(kind, Integer | Numeric | Boolean):
        return Column(Family.NUMBER)
    if isinstance(kind, DateTime | Date):
        return Column(Family.TIME)
    if isinstance(kind, String | JSON):
        return Column(Family.TEXT, tuple(getattr(kind, "enums", ())))
    return Column(Family.OTHER)


def _setting_keys(connection: Connection, tables: Mapping[str, Mapping[str, Column]]) -> frozenset[str]:
    if "key" not in tables.get(SETTINGS, {}):
        return frozenset()
    quoted = connection.dialect.identifier_preparer.quote("key")
    return frozenset(str(key) for key in connection.scalars(text(f"SELECT {quoted} FROM {SETTINGS}")))  # noqa: S608
