"""The tables of the SQL store, all ``strangler_*``: a prefix that the product's own migrations ignore."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, MetaData, String, Table, Text, UniqueConstraint
from sqlalchemy.dialects.mysql import MEDIUMTEXT, VARCHAR

from migration_flags.change import KEY_LENGTH, NAME_LENGTH

SCHEMA_VERSION = 2

metadata = MetaData()


def _exact(length: int) -> String:
    # Paths are case-sensitive and MariaDB's default collation is not: two routes must never share a row.
    return String(length).with_variant(VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")


_Document = Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
}

flags = Table(
    "strangler_flags",
    metadata,
    Column("route", _exact(KEY_LENGTH), primary_key=True),
    Column("stage", String(16), nullable=False),
    Column("percent", Double),
    Column("reason", Text, nullable=False),
    Column("updated_by", String(255), nullable=False),
    Column("updated_at", String(40), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("details", _Document),
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
    Column("killed", Boolean, nullable=False, server_default="0"),
    **_OPTIONS,
)

audit = Table(
    "strangler_audit",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("route", _exact(KEY_LENGTH), nullable=False),
    Column("before_stage", String(16)),
    Column("before_percent", Double),
    Column("after_stage", String(16), nullable=False),
    Column("after_percent", Double),
    Column("epoch", BigInteger, nullable=False),
    Column("gated", Boolean, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("details", _Document),
    Column("version", Integer, nullable=False, server_default="1"),
    **_OPTIONS,
)

workers = Table(
    "strangler_workers",
    metadata,
    Column("id", _exact(NAME_LENGTH), primary_key=True),
    Column("host", String(NAME_LENGTH), nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seen_at", String(40), nullable=False),
    Column("facts", _Document, nullable=False),
    **_OPTIONS,
)

evidence = Table(
    "strangler_evidence",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("route", _exact(KEY_LENGTH), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", String(40), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("source", _exact(NAME_LENGTH), nullable=False),
    Column("summary", _Document, nullable=False),
    # It is there to be searched by: an index of its own can't be made "if not exists" on MySQL.
    UniqueConstraint("route", "kind", "id", name="strangler_evidence_route"),
    **_OPTIONS,
)

ADDED = (flags.c.details, epochs.c.killed, audit.c.details, audit.c.version)
"""Columns that tables of an older version lack."""
