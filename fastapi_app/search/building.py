"""Making the indexes from the tables, a batch at a time."""

from collections.abc import Callable, Iterator
from types import ModuleType

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from fastapi_app.search import mariadb_index, sqlite_index
from fastapi_app.search.kinds import TABLES, Kind, index_of

BATCH_IDS = 5_000
_FORBIDDEN = (1142, 1227, 1419)
"""MariaDB's numbers for a right that lacks; the last where it keeps a binary log and the account is nobody special."""

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Told after every batch: rows so far, rows in all."""


def build(connection: Connection, progress: Progress | None = None) -> int:
    """Makes the indexes anew; how many rows are in them. Searches find less until it is done.

    MariaDB commits in between, SQLite at the caller's commit: repeating an interrupted call is all there is to do. An
    account that may not make triggers gets no indexes: searches then find what begins with the text.
    """
    index = _index(connection)
    try:
        remove(connection)
        for statement in index.create():
            connection.exec_driver_sql(statement)
    except DBAPIError as error:
        if not _is_forbidden(error):
            raise
        _give_up(connection)
        return 0
    total = sum(_count(connection, kind) for kind in Kind)
    done = 0
    for kind in Kind:
        for first, last in _batches(connection, kind):
            done += connection.exec_driver_sql(index.fill(kind, first, last)).rowcount
            if connection.dialect.name == "mysql":
                connection.exec_driver_sql("COMMIT")
            if progress is not None:
                progress(done, max(done, total))
    if connection.dialect.name == "mysql":
        for statement in mariadb_index.finish():
            connection.exec_driver_sql(statement)
    return done


def remove(connection: Connection) -> None:
    """Drops the indexes and what keeps them. Nothing but search needs them."""
    for statement in _index(connection).drop():
        connection.exec_driver_sql(statement)


def _is_forbidden(error: DBAPIError) -> bool:
    return getattr(error.orig, "args", (None,))[0] in _FORBIDDEN


def _give_up(connection: Connection) -> None:
    log.warning("no indexes for searches: this account may not make triggers; grant TRIGGER and run mvidarr db reindex")
    for kind in Kind:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {index_of(kind)}")


def _index(connection: Connection) -> ModuleType:
    return sqlite_index if connection.dialect.name == "sqlite" else mariadb_index


def _count(connection: Connection, kind: Kind) -> int:
    return connection.scalar(text(f"SELECT COUNT(*) FROM {TABLES[kind]}")) or 0  # noqa: S608


def _batches(connection: Connection, kind: Kind) -> Iterator[tuple[int, int]]:
    lowest, highest = connection.execute(text(f"SELECT MIN(id), MAX(id) FROM {TABLES[kind]}")).one()  # noqa: S608
    if lowest is None:
        return
    for first in range(lowest, highest + 1, BATCH_IDS):
        yield first, first + BATCH_IDS - 1
