"""Where flags live. Every store obeys the same contract, and one suite of tests holds all of them to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from migration_flags.audit import AuditRow
from migration_flags.change import Change
from migration_flags.evidence import Evidence, EvidenceKind
from migration_flags.flag import JSON, Stage
from migration_flags.snapshot import Snapshot
from migration_flags.workers import Worker


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

    def apply(
        self,
        changes: Sequence[Change],
        *,
        actor: str,
        reason: str,
        gated: bool = False,
        evidence: Mapping[str, JSON] | None = None,
        if_epoch: int | None = None,
    ) -> tuple[AuditRow, ...]:
        """Writes the changes, their audit rows and one new epoch in one transaction; all or nothing.

        Changes that change nothing leave no row; if none is left, the epoch stays. Routes that require one which goes
        back go back with it. With ``if_epoch`` nothing is written unless that is still the epoch. Raises
        `ChangeRefused`.
        """
        ...

    def seed(self, keys: Iterable[str], stage: Stage, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        """Gives ``stage`` to the keys that have no flag yet; flags that exist are left alone."""
        ...

    def kill(self, on: bool, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        """Throws the switch that sends every route to legacy, or takes it back. One row, or none if it is so."""
        ...

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        """Audit rows, newest first: of one route, or of all."""
        ...

    def beat(self, worker: Worker) -> None:
        """Says that a worker lives. The store dates the beat, and drops workers that are a day old."""
        ...

    def workers(self) -> tuple[Worker, ...]:
        """Every worker that beat within a day, by id."""
        ...

    def now(self) -> datetime:
        """The clock that dates beats: aware, UTC."""
        ...

    def keep(self, evidence: Evidence) -> None:
        """Records a piece of evidence. Raises `ChangeRefused` for what can't be kept."""
        ...

    def evidence(self, key: str, *, kind: EvidenceKind | None = None, limit: int | None = None) -> tuple[Evidence, ...]:
        """What was recorded about a route, newest first."""
        ...

    def close(self) -> None:
        """Lets go of connections. A closed store may be used again."""
        ...
