"""SQLite made to behave like the MariaDB that 0.9 was written for. Used by the engines of both sides."""

import os
import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event

from fastapi_app.models.collation import install, ordered_by
from fastapi_app.models.user import UserRole
from fastapi_app.models.user_session import SessionStatus
from fastapi_app.models.video import VideoStatus
from fastapi_app.models.write_turn import WriteTurn, turn_of

BUSY_TIMEOUT_MILLISECONDS = 10_000
WRITES = "writes"
"""Execution option of a connection that will write: its transaction begins immediate, so that it waits its turn
instead of failing when a reader turns writer."""

BEGIN_TO_WRITE = "BEGIN IMMEDIATE"
_ORDERS = {"video_status": VideoStatus, "user_role": UserRole, "session_status": SessionStatus}


class _Cursor(sqlite3.Cursor):
    """Waits for the connection's turn before a transaction that writes."""

    def execute(self, sql: str, parameters: Any = ()) -> "_Cursor":
        if sql != BEGIN_TO_WRITE:
            super().execute(sql, parameters)
        elif isinstance(self.connection, LibraryConnection):
            self.connection.begin_to_write(super().execute)
        return self


class LibraryConnection(sqlite3.Connection):
    """A connection with the library's collations, foreign keys, write-ahead log and busy timeout.

    Done in the constructor, because that runs in whichever thread owns the connection; aiosqlite has one of its own.
    Those who write to one file from one process queue for it, and hold their turn to the end of the transaction.
    """

    # On the class, because a connection that could not be opened is still forgotten in the end.
    _turn: WriteTurn | None = None
    _holds = False
    _closed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            self._prepare()
        except sqlite3.Error:
            self.close()
            raise

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def begin_to_write(self, execute: Callable[[str], object]) -> None:
        """Begins once the file is ours. Raises OperationalError, as SQLite does when it stays busy."""
        if self._turn is not None and not self._holds:
            self._holds = self._turn.take(BUSY_TIMEOUT_MILLISECONDS / 1000)
            if not self._holds:
                raise sqlite3.OperationalError("database is locked")
        try:
            execute(BEGIN_TO_WRITE)
        except sqlite3.Error:
            self._give()
            raise

    def commit(self) -> None:
        super().commit()
        self._give()

    def rollback(self) -> None:
        super().rollback()
        self._give()

    def close(self) -> None:
        """Rolls back first: a cursor that somebody still knows would keep the file locked beyond the end.

        Closing again changes nothing, as with any connection of sqlite3.
        """
        try:
            if not self._closed and self.in_transaction:
                super().rollback()
            self._closed = True
            super().close()
        finally:
            self._give()

    def __del__(self) -> None:
        self._give()

    def _give(self) -> None:
        if self._holds:
            self._holds = False
            if self._turn is not None:
                self._turn.give()

    def _prepare(self) -> None:
        self.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = NORMAL")
        self.execute("PRAGMA foreign_keys = ON")
        install(self)
        path: str = self.execute("PRAGMA database_list").fetchone()[2]
        self._turn = turn_of(os.path.realpath(path)) if path else None
        for name, members in _ORDERS.items():
            self.create_collation(name, ordered_by(tuple(member.name for member in members)))


CONNECT_ARGUMENTS: dict[str, Any] = {"factory": LibraryConnection, "isolation_level": None}
"""For `create_engine(connect_args=…)` on SQLite. Without an isolation level the driver begins nothing by itself."""


def prepare_sqlite(engine: Engine) -> None:
    """Lets `engine` begin its own transactions: immediate where the connection says that it writes."""
    event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql(BEGIN_TO_WRITE if immediate else "BEGIN")
