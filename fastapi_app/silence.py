"""A database that stops answering without closing its connections: a frozen machine, a cable that was pulled.

Neither driver would ever notice by itself. Here a connection on which nothing was heard for too long is closed, so that
the driver reports it as lost, and the pool makes another.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from asyncmy.connection import Connection

STATEMENT_SECONDS = 60.0
"""The most that the server takes over a statement of a request: longer than it waits for a lock by itself."""
CONNECT_SECONDS = 10.0
JOB_SECONDS = 10.0
"""The same for what workers and beat ask: a job must know that its database is away before others think it dead."""


class Watched(Connection):
    """A connection of asyncmy that is closed when a statement takes longer than `patience` seconds.

    The statement then fails as on any lost connection: asyncmy.errors.OperationalError 2013.
    """

    patience = STATEMENT_SECONDS

    async def opened(self) -> Self:
        """Connects. Raises asyncmy.errors.OperationalError."""
        await self.connect()
        return self

    async def query(self, sql: str | bytes, unbuffered: bool = False) -> Any:
        with self._watched(self.patience):
            return await super().query(sql, unbuffered)  # type: ignore[no-untyped-call]

    async def commit(self) -> None:
        with self._watched(self.patience):
            await super().commit()

    async def rollback(self) -> None:
        with self._watched(self.patience):
            await super().rollback()

    async def ping(self, reconnect: bool = True) -> None:
        with self._watched(min(self.patience, CONNECT_SECONDS)):
            await super().ping(reconnect)

    async def connect(self) -> Any:
        with self._watched(min(self.patience, CONNECT_SECONDS)):
            return await super().connect()

    @contextmanager
    def _watched(self, seconds: float) -> Iterator[None]:
        timer = asyncio.get_running_loop().call_later(seconds, self.close)
        try:
            yield
        finally:
            timer.cancel()


def limits(seconds: float) -> dict[str, float]:
    """What PyMySQL is told so that each answer has to begin within so many seconds."""
    return dict.fromkeys(("read_timeout", "write_timeout", "connect_timeout"), seconds)
