"""The newest rows of the history, kept as long as nothing new is written."""

from migration_flags import AuditRow, FlagStore

ROWS = 5_000
"""Rows that are looked back."""
STEP = 50
"""Rows that are read after a change: mostly they reach back to what is known."""


class Past:
    """One thread at a time. ``rows`` are the newest first."""

    def __init__(self, store: FlagStore) -> None:
        self._store = store
        self._epoch = -1
        self.rows: tuple[AuditRow, ...] = ()

    def look(self, epoch: int) -> tuple[AuditRow, ...]:
        """The rows as of an epoch. Raises `FlagError`."""
        if epoch != self._epoch:
            self.rows = self._renewed()
            self._epoch = epoch
        return self.rows

    def _renewed(self) -> tuple[AuditRow, ...]:
        known = {row.hash for row in self.rows[:1]}
        newest = self._store.history(limit=STEP)
        for number, row in enumerate(newest):
            if row.hash in known:
                return (*newest[:number], *self.rows)[:ROWS]
        return newest if len(newest) < STEP else self._store.history(limit=ROWS)
