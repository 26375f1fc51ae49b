"""Where flags live. Every store obeys the same contract, and one suite of tests holds all of them to it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from migration_flags.audit import AuditRow
from migration_flags.change import Change
from migration_flags.flag import Stage
from migration_flags.snapshot import Snapshot


class FlagStore(Protocol):
    """Synchronous, and safe to call from several threads. Constructing one connects to nothing.

    Every method raises `StoreUnavailable` where the store can't be reached, and `SchemaTooNew` where a newer version
    owns it.
    """

    def epoch(self) -> int:
        """The present epoch. Cheap: polled four times a second by every worker."""
        ...

    def snapshot(self) -> Snapshot:
        """All flags, as they were together at one epoch."""
        ...

    def apply(self, changes: Sequence[Change], *, actor: str, reason: str, gated: bool = False) -> tuple[AuditRow, ...]:
        """Writes the changes, their audit rows and one new epoch in one transaction; all or nothing.

        Changes that change nothing leave no row; if none is left, the epoch stays. Raises `ChangeRefused`.
        """
        ...

    def seed(self, keys: Iterable[str], stage: Stage, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        """Gives ``stage`` to the keys that have no flag yet; flags that exist are left alone."""
        ...

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        """Audit rows, newest first: of one route, or of all."""
        ...

    def close(self) -> None:
        """Lets go of connections. A closed store may be used again."""
        ...
