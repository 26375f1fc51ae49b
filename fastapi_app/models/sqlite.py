"""SQLite made to behave like the MariaDB that 0.9 was written for. Used by the engines of both sides."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, event

from fastapi_app.models.collation import install, ordered_by
from fastapi_app.models.user import UserRole
from fastapi_app.models.user_session import SessionStatus
from fastapi_app.models.video import VideoStatus

BUSY_TIMEOUT_MILLISECONDS = 10_000
WRITES = "writes"
"""Execution option of a connection that will write: its transaction begins immediate, so that it waits its turn
instead of failing when a reader turns writer."""

_ORDERS = {"video_status": VideoStatus, "user_role": UserRole, "session_status": SessionStatus}


class LibraryConnection(sqlite3.Connection):
    """A connection with the library's collations, foreign keys, write-ahead log and busy timeout.

    Done in the constructor, because that runs in whichever thread owns the connection; aiosqlite has one of its own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            self._prepare()
        except sqlite3.Error:
            self.close()
            raise

    def _prepare(self) -> None:
        self.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = NORMAL")
        self.execute("PRAGMA foreign_keys = ON")
        install(self)
        for name, members in _ORDERS.items():
            self.create_collation(name, ordered_by(tuple(member.name for member in members)))


CONNECT_ARGUMENTS: dict[str, Any] = {"factory": LibraryConnection, "isolation_level": None}
"""For `create_engine(connect_args=…)` on SQLite. Without an isolation level the driver begins nothing by itself."""


def prepare_sqlite(engine: Engine) -> None:
    """Lets `engine` begin its own transactions: immediate where the connection says that it writes."""
    event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
