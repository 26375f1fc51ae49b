"""Adds what an older installation lacks, so that its tables are those of the baseline. Nothing is taken away."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from fastapi_app.adoption.facts import Facts, of
from fastapi_app.adoption.recognition import Recognition

_FILLED = {
    ("users", "is_active"): "1",
    ("users", "is_email_verified"): "0",
    ("users", "failed_login_attempts"): "0",
    ("users", "two_factor_enabled"): "0",
    ("user_sessions", "status"): "ACTIVE",
}
"""What the rows that exist get in a column that may not be empty. 0.9 always writes these itself."""

_OLD_URL = "video_url"


def complete(connection: sa.Connection, lacking: Recognition, found: Facts, metadata: sa.MetaData) -> None:
    """Makes every addition that `lacking` names, except tables and indexes: the baseline revision makes those.

    Each addition is one statement, and one that is there already is not in `lacking`: an interrupted run is continued
    by the next.
    """
    operations = Operations(MigrationContext.configure(connection))
    for table, column in lacking.missing_columns:
        operations.add_column(table, _addition(metadata.tables[table].columns[column]))
    for table, column in lacking.missing_members:
        members = tuple(_widened(found.tables[table][column].members, metadata.tables[table].columns[column]))
        operations.alter_column(
            table,
            column,
            existing_type=sa.Enum(*found.tables[table][column].members),
            type_=sa.Enum(*members),
            existing_nullable=metadata.tables[table].columns[column].nullable,
        )
    if ("videos", "url") in lacking.missing_columns and _OLD_URL in found.tables["videos"]:
        connection.execute(sa.text(f"UPDATE videos SET url = {_OLD_URL} WHERE url IS NULL"))  # noqa: S608


def _addition(wanted: "sa.Column[Any]") -> "sa.Column[Any]":
    default = _FILLED.get((wanted.table.name, wanted.name))
    return sa.Column(wanted.name, wanted.type, nullable=wanted.nullable, server_default=default)


def _widened(present: tuple[str, ...], wanted: "sa.Column[Any]") -> Iterator[str]:
    """The present names in their order, in 0.9's spelling, then those that are new.

    So sorting by the column stays as it was, and MariaDB, to which `wanted` is `WANTED`, carries the values over.
    """
    spelling = {name.lower(): name for name in of(wanted.type).members}
    kept = [spelling.get(name.lower(), name) for name in present]
    yield from kept
    yield from (name for name in spelling.values() if name not in kept)
