"""The modern side's connections to MariaDB, which ask as seldom as can be.

Who only reads begins nothing and ends nothing: each statement sees what is committed by then, and one that writes is
refused. Who writes (`WRITES`) begins a transaction with a statement of its own. A connection that was heard lately is
not tried before it is used again. So one row costs two round trips, and not five.
"""

import time
from collections.abc import Awaitable
from typing import Any

from sqlalchemy import Connection, Engine, event

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


def connect(**address: Any) -> Awaitable[ServerConnection]:
    """A connection, as SQLAlchemy's dialect asks for one (`async_creator_fn`).

    Raises asyncmy.errors.OperationalError.
    """
    connection = ServerConnection(**address, autocommit=True, init_command=_MANNER)  # type: ignore[no-untyped-call]
    return connection.opened()


def prepare_mariadb(engine: Engine) -> None:
    """Lets `engine` begin a transaction where the connection says that it writes."""
    event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql("START TRANSACTION READ WRITE")
