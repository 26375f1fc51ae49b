"""What every table shares: the declarative base, and column types that mean the same on MariaDB and SQLite."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Dialect, String, Text, TypeDecorator
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

from fastapi_app.models.collation import TEXT_COLLATION

INTEGER_MIN = -(2**31)
INTEGER_MAX = 2**31 - 1
"""The bounds of MariaDB's INT: the widest number that both databases keep."""

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"}


class Base(DeclarativeBase):
    """The 0.9 tables. MariaDB names the constraints itself, as it did for 0.9."""

    __table_args__: Any = TABLE_OPTIONS


def short_text(length: int) -> TypeEngine[str]:
    """VARCHAR, blind to case and accents on both databases."""
    return String(length).with_variant(String(length, collation=TEXT_COLLATION), "sqlite")


def long_text() -> TypeEngine[str]:
    """TEXT, blind to case and accents on both databases."""
    return Text().with_variant(Text(collation=TEXT_COLLATION), "sqlite")


def now() -> datetime:
    """The present in UTC, naive and in whole seconds, as MariaDB's DATETIME keeps it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


Member = TypeVar("Member", bound=StrEnum)


class EnumName(TypeDecorator[Member]):
    """An enum stored by member name: a native ENUM on MariaDB, text with the enum's own order on SQLite.

    A stored text that names no member reads as None: hand-migrated databases hold such values, and one of them
    must not take a whole listing down.
    """

    impl = String
    cache_ok = True

    def __init__(self, members: type[Member], collation: str) -> None:
        super().__init__(max(len(member.name) for member in members))
        self.members = members
        self.collation = collation

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        names = tuple(member.name for member in self.members)
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(max(map(len, names)), collation=self.collation))
        return dialect.type_descriptor(mysql.ENUM(*names))

    def process_bind_param(self, value: Member | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.members(value).name

    def process_result_value(self, value: Any, dialect: Dialect) -> Member | None:  # noqa: ARG002
        return None if value is None else self.members.__members__.get(value)
