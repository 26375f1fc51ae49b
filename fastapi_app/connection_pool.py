"""Connections of the modern side, kept over a rush."""

from time import monotonic
from typing import Any, Self

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

LINGER_SECONDS = 30.0
"""After the last time that more than `pool_size` were out, those above it go one by one."""


class LingeringPool(AsyncAdaptedQueuePool):
    """Up to `pool_size` connections stay; up to `max_overflow` more as long as there is a rush, and a while longer.

    SQLAlchemy's own closes the others whenever enough are idle for an instant. On an event loop they come back in
    bunches, so with more visitors than connections every tenth request paid for a new one. The last one that came back
    is the first to go out: it was heard lately, and need not be tried.
    """

    def __init__(self, creator: Any, pool_size: int = 5, max_overflow: int = 10, **options: Any) -> None:
        super().__init__(creator, pool_size=pool_size + max_overflow, max_overflow=0, **{**options, "use_lifo": True})
        self._stay = pool_size
        self._rushed = monotonic()

    def recreate(self) -> Self:
        """An empty one like it, as SQLAlchemy asks for where connections are lost."""
        fresh: Self = super().recreate()  # type: ignore[assignment]  # of our own class
        fresh._stay = self._stay
        return fresh

    def _do_get(self) -> ConnectionPoolEntry:
        if self.checkedout() >= self._stay:
            self._rushed = monotonic()
        return super()._do_get()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if self.checkedin() < self._stay or monotonic() - self._rushed < LINGER_SECONDS:
            super()._do_return_conn(record)
            return
        try:
            record.close()
        finally:
            self._dec_overflow()
