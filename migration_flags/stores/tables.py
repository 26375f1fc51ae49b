"""The tables of the SQL store, all ``strangler_*``: a prefix that the product's own migrations ignore."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.mysql import VARCHAR

from migration_flags.change import KEY_LENGTH

SCHEMA_VERSION = 1

metadata = MetaData()

# Paths are case-sensitive and MariaDB's default collation is not: two routes must never share a row.
_Key = String(KEY_LENGTH).with_variant(VARCHAR(KEY_LENGTH, collation="utf8mb4_bin"), "mysql", "mariadb")
_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
}

flags = Table(
    "strangler_flags",
    metadata,
    Column("route", _Key, primary_key=True),
    Column("stage", String(16), nullable=False),
    Column("percent", Double),
    Column("reason", Text, nullable=False),
    Column("updated_by", String(255), nullable=False),
    Column("updated_at", String(40), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    **_OPTIONS,
)

# One row. Writers lock it first, which puts all writers in one queue; readers poll it.
epochs = Table(
    "strangler_epoch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("audit_sequence", BigInteger, nullable=False),
    Column("audit_hash", String(64), nullable=False),
    **_OPTIONS,
)

audit = Table(
    "strangler_audit",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("route", _Key, nullable=False),
    Column("before_stage", String(16)),
    Column("before_percent", Double),
    Column("after_stage", String(16), nullable=False),
    Column("after_percent", Double),
    Column("epoch", BigInteger, nullable=False),
    Column("gated", Boolean, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    **_OPTIONS,
)
