"""The modern side's connections to SQLite, whose threads are woken as seldom as can be.

aiosqlite asks a connection's thread for every step: a cursor, a statement, its rows, the cursor's end, and the same
again for BEGIN. Each of them costs as much as reading a row. Here a statement is one step and brings all its rows. Who
only reads (`READS`) begins nothing and ends nothing, as on MariaDB: each statement sees what is committed by then, and
one that writes is refused.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple, Self

import aiosqlite
from sqlalchemy import Connection, Engine, event

from fastapi_app.models import WRITES
from fastapi_app.models.sqlite import BEGIN_TO_WRITE

READS = "reads"
"""Execution option of a connection that will only read."""

_QUERY_ONLY = {True: "PRAGMA query_only = ON", False: "PRAGMA query_only = OFF"}
_CHUNK = 64


class Answer(NamedTuple):
    """What a statement left."""

    description: Any = None
    rows: Sequence[tuple[Any, ...]] = ()
    rowcount: int = -1
    lastrowid: int | None = None


class FileConnection(aiosqlite.Connection):
    """One connection, and the thread that owns it."""

    _reads = False
    _asked = False
    _is_read_only = False

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(partial(sqlite3.connect, path, **options), _CHUNK)
        self._thread.daemon = True  # as SQLAlchemy makes aiosqlite's own: a process that ends waits for none

    def begin(self, *, reads: bool) -> None:
        """What follows, up to the next commit or rollback, only reads, or does not."""
        self._reads = reads

    def cursor(self) -> "Cursor":  # type: ignore[override]  # one that SQLAlchemy awaits; aiosqlite's asks the thread
        return Cursor(self)

    async def ask(self, sql: str, parameters: Any, *, many: bool = False) -> Answer:
        changes, self._is_read_only = self._reads is not self._is_read_only, self._reads
        self._asked = True
        first = _QUERY_ONLY[self._reads] if changes else ""
        execute: Any = self._execute
        answer: Answer = await execute(_answer, self._conn, first, sql, parameters, many=many)
        return answer

    async def rollback(self) -> None:
        """Nothing where nothing began. A reader's transaction is one that its savepoint left."""
        began = self._asked and (not self._reads or self.in_transaction)
        self._asked = self._reads = False
        if began:
            await super().rollback()

    async def commit(self) -> None:
        """A commit that is refused leaves its transaction open."""
        if self._asked:
            await super().commit()
        self._asked = self._reads = False


class Cursor:
    """What SQLAlchemy asks of a cursor. It has all its rows once it was executed: it can't stream them."""

    arraysize = 1

    def __init__(self, connection: FileConnection) -> None:
        self._connection = connection
        self._answer = Answer()

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._answer.description

    @property
    def rowcount(self) -> int:
        return self._answer.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._answer.lastrowid

    async def execute(self, sql: str, parameters: Any = ()) -> None:
        self._answer = await self._connection.ask(sql, parameters)

    async def executemany(self, sql: str, parameters: Any) -> None:
        self._answer = await self._connection.ask(sql, parameters, many=True)

    async def fetchall(self) -> Sequence[tuple[Any, ...]]:
        return self._answer.rows

    async def close(self) -> None:
        """The thread's own is closed already."""


def connect(path: str, **options: Any) -> FileConnection:
    """A connection to be awaited, as SQLAlchemy's dialect asks for one (`async_creator_fn`)."""
    return FileConnection(path, **options)


def prepare_files(engine: Engine) -> None:
    """Lets `engine` begin its own transactions: immediate where the connection says that it writes."""
    event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    reads = options.get(READS, False)
    driven: Any = connection.connection.driver_connection
    driven.begin(reads=reads)
    if not reads:
        connection.exec_driver_sql(BEGIN_TO_WRITE if options.get(WRITES, False) else "BEGIN")


def _answer(connection: sqlite3.Connection, first: str, sql: str, parameters: Any, *, many: bool) -> Answer:
    """Runs in the connection's thread."""
    with closing(connection.cursor()) as cursor:
        if first:
            cursor.execute(first)
        ask = cursor.executemany if many else cursor.execute
        ask(sql, parameters)
        rows = cursor.fetchall() if cursor.description else ()
        return Answer(cursor.description, rows, cursor.rowcount, cursor.lastrowid)
