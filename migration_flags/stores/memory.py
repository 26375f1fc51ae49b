"""Flags in this process: for tests, trials, and a first look."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from migration_flags.audit import AuditRow
from migration_flags.evidence import Evidence, EvidenceKind, check_piece, chosen, replaced
from migration_flags.snapshot import Snapshot
from migration_flags.stores.ledger import Ledger, Work, utc_now
from migration_flags.transition import State, instant, state_after
from migration_flags.workers import Worker, check_worker, forgotten


class MemoryStore(Ledger):
    """A `FlagStore` that forgets everything when the process ends."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(clock)
        self._lock = threading.Lock()
        self._state = State()
        self._audit: list[AuditRow] = []
        self._workers: dict[str, Worker] = {}
        self._evidence: list[Evidence] = []

    def epoch(self) -> int:
        return self._state.snapshot.epoch

    def snapshot(self) -> Snapshot:
        return self._state.snapshot

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        with self._lock:
            rows = [row for row in reversed(self._audit) if key is None or row.key == key]
        return tuple(rows[:limit])

    def beat(self, worker: Worker) -> None:
        check_worker(worker)
        now = self._clock()
        with self._lock:
            self._workers[worker.id] = replace(worker, seen_at=instant(now))
            for old in forgotten(self._workers.values(), now):
                del self._workers[old.id]

    def workers(self) -> tuple[Worker, ...]:
        with self._lock:
            return tuple(sorted(self._workers.values(), key=lambda worker: worker.id))

    def now(self) -> datetime:
        return self._clock()

    def keep(self, evidence: Evidence) -> None:
        check_piece(evidence)
        with self._lock:
            self._evidence = replaced(self._evidence, evidence)

    def evidence(self, key: str, *, kind: EvidenceKind | None = None, limit: int | None = None) -> tuple[Evidence, ...]:
        with self._lock:
            return chosen(self._evidence, key, kind, limit)

    def close(self) -> None:
        """Nothing is held."""

    def _commit(self, work: Work) -> tuple[AuditRow, ...]:
        with self._lock:
            rows = work(self._state)
            self._audit.extend(rows)
            self._state = state_after(self._state, rows)
        return rows
