"""The store's own engine: a small pool, short waits, and on SQLite the manners that sharing a file asks for."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

IMMEDIATE: dict[str, Any] = {"strangler_immediate": True}
"""The execution option of a transaction that will write."""

BUSY_TIMEOUT_MS = 5_000
_MYSQL_WAITS = {"connect_timeout": 2, "read_timeout": 5, "write_timeout": 5}


def create_store_engine(url: URL) -> Engine:
    """An engine for ``url``. Connects to nothing."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url.set(drivername="sqlite+pysqlite"))
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        _follow_file(engine, url.database)
        return engine
    if url.drivername in {"mysql", "mariadb"}:
        url = url.set(drivername=f"{url.drivername}+pymysql")
    waits = _MYSQL_WAITS if url.get_driver_name() == "pymysql" else {}
    return create_engine(url, pool_size=1, max_overflow=2, pool_timeout=5, pool_pre_ping=True, connect_args=waits)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the begin event says when and how
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    # Another process may be switching the file to WAL right now; either of us may win.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _follow_file(engine: Engine, path: str | None) -> None:
    """A file that was put in the place of this one is opened: a connection would go on with the one that is gone."""
    if not path or path == ":memory:" or path.startswith("file:"):
        return

    def remember(_connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        entry.info["file"] = _identity(path)

    def check(_connection: sqlite3.Connection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if entry.info["file"] != _identity(path):
            raise DisconnectionError("The database's file is another one.")

    event.listen(engine, "connect", remember)
    event.listen(engine, "checkout", check)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("strangler_immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
