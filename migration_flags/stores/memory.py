"""Flags in this process: for tests, trials, and a first look."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from migration_flags.audit import GENESIS, AuditRow
from migration_flags.change import Change, Head, Signature, check, flag_after, missing, plan
from migration_flags.flag import Stage
from migration_flags.snapshot import EMPTY, Snapshot


class MemoryStore:
    """A `FlagStore` that forgets everything when the process ends."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._snapshot = EMPTY
        self._audit: list[AuditRow] = []

    def epoch(self) -> int:
        return self._snapshot.epoch

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def apply(self, changes: Sequence[Change], *, actor: str, reason: str, gated: bool = False) -> tuple[AuditRow, ...]:
        check(changes, actor, reason)
        with self._lock:
            return self._write(changes, Signature(actor, reason, self._clock(), gated))

    def seed(self, keys: Iterable[str], stage: Stage, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        with self._lock:
            changes = missing(self._snapshot, keys, stage)
            check(changes, actor, reason)
            return self._write(changes, Signature(actor, reason, self._clock()))

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        with self._lock:
            rows = [row for row in reversed(self._audit) if key is None or row.key == key]
        return tuple(rows[:limit])

    def close(self) -> None:
        """Nothing is held."""

    def _write(self, changes: Sequence[Change], signature: Signature) -> tuple[AuditRow, ...]:
        head = Head(self._audit[-1].sequence, self._audit[-1].hash) if self._audit else Head(0, GENESIS)
        rows = plan(self._snapshot, head, changes, signature)
        if rows:
            self._audit.extend(rows)
            self._snapshot = Snapshot([*self._snapshot, *map(flag_after, rows)], self._snapshot.epoch + 1)
        return rows
