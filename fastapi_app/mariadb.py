"""The modern side's connections to MariaDB, which ask as seldom as can be.

A request that only reads begins nothing and ends nothing: each statement sees what is committed by then, and one that
writes is refused. One that writes (`WRITES`) begins a transaction with a statement of its own. And whoever asks, be it
a request, a worker or a command: a connection that was heard lately is not tried before it is used again. So one row
costs two round trips, and not five.
"""

import time
from collections.abc import Awaitable
from typing import Any

from pymysql.connections import Connection as PyMySQLConnection
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from fastapi_app.models import WRITES
from fastapi_app.silence import Watched

FRESH_SECONDS = 1.0
"""A connection that was heard within so many is taken to be alive."""

# A count that follows a lock must not tell what was before it.
_MANNER = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY"


class ServerConnection(Watched):
    """One connection of asyncmy."""

    _heard = 0.0

    async def query(self, sql: str | bytes, unbuffered: bool = False) -> Any:
        found = await super().query(sql, unbuffered)
        self._heard = time.monotonic()
        return found

    async def rollback(self) -> None:
        """Nothing where no transaction is open, as the server said with its last answer to a statement that counts."""
        if self.get_transaction_status():
            await super().rollback()

    async def ping(self, reconnect: bool = True) -> None:
        if time.monotonic() - self._heard > FRESH_SECONDS:
            await super().ping(reconnect)


class BlockingConnection(PyMySQLConnection):
    """One connection of PyMySQL."""

    _heard = 0.0

    def query(self, sql: str | bytes, unbuffered: bool = False) -> int:
        found = super().query(sql, unbuffered)
        self._heard = time.monotonic()
        return found

    def ping(self, *arguments: Any) -> None:
        """Takes what PyMySQL's takes, which is changing."""
        if time.monotonic() - self._heard > FRESH_SECONDS:
            super().ping(*arguments)


def connect(**address: Any) -> Awaitable[ServerConnection]:
    """A connection, as SQLAlchemy's dialect asks for one (`async_creator_fn`).

    Raises asyncmy.errors.OperationalError.
    """
    connection = ServerConnection(**address, autocommit=True, init_command=_MANNER)  # type: ignore[no-untyped-call]
    return connection.opened()


def connect_blocking(
    _dialect: Dialect, _record: ConnectionPoolEntry, arguments: list[Any], options: dict[str, Any]
) -> BlockingConnection:
    """The same for threads, as the event ``do_connect`` asks for one. Raises pymysql.err.OperationalError."""
    return BlockingConnection(*arguments, **options)


def prepare_mariadb(engine: Engine) -> None:
    """Lets `engine` begin a transaction where the connection says that it writes."""
    event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql("START TRANSACTION READ WRITE")
