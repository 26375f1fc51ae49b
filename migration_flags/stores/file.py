"""Flags in one JSON file, for one host: written whole, watched by its stat, and open to an editor.

Beside ``flags.json`` are ``flags.json.audit`` (a row per line), ``.evidence/``, ``.workers/`` and ``.lock``.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from migration_flags.audit import AuditRow
from migration_flags.change import Signature
from migration_flags.document import DocumentInvalid
from migration_flags.errors import ChangeRefused, StoreInvalid, StoreUnavailable, StoreWentBack
from migration_flags.evidence import Evidence, EvidenceKind, check_piece, chosen
from migration_flags.snapshot import Snapshot
from migration_flags.stores.beats import Beats
from migration_flags.stores.disk import locked, write_whole
from migration_flags.stores.journal import Journal
from migration_flags.stores.ledger import Ledger, Work, utc_now
from migration_flags.stores.pieces import Pieces
from migration_flags.stores.state_document import parsed, read_state, state_text, untouched
from migration_flags.transition import State, adopt, state_after
from migration_flags.workers import Worker, check_worker

EDITOR = "the file's editor"
"""The actor of rows for what a person wrote into the file."""

Mark = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the file held when it looked like ``mark``."""

    mark: Mark | None
    state: State


class FileStore(Ledger):
    """A `FlagStore` over a file. The rename of the file is the moment of every change.

    A person may edit the file, or write it: ``{"flags": {"GET /a": {"stage": "modern"}}}`` is enough. The next reader
    checks the edit by the rules of any change, and writes its audit rows and epoch. What is wrong is told with its
    place (`StoreInvalid`), and readers keep what they have; so they do when the file is gone or older
    (`StoreWentBack`).
    """

    def __init__(self, path: str | Path, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(clock)
        self._path = Path(path)
        self._lock = threading.RLock()
        self._seen = _Seen(None, State())
        self._journal = Journal(self._beside("audit"))
        self._pieces = Pieces(self._beside("evidence"))
        self._beats = Beats(self._beside("workers"))

    def __repr__(self) -> str:
        return f"FileStore({self.name!r})"

    @property
    def name(self) -> str:
        return str(self._path)

    def epoch(self) -> int:
        return self._state().snapshot.epoch

    def snapshot(self) -> Snapshot:
        return self._state().snapshot

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        head = self._state().head
        with self._translated():
            rows = self._journal.rows(head)
        return tuple([row for row in reversed(rows) if key is None or row.key == key][:limit])

    def beat(self, worker: Worker) -> None:
        check_worker(worker)
        with self._lock, self._translated():
            self._beats.write(worker)

    def workers(self) -> tuple[Worker, ...]:
        with self._translated():
            return self._beats.read()

    def now(self) -> datetime:
        with self._translated():
            return self._beats.now()

    def keep(self, evidence: Evidence) -> None:
        check_piece(evidence)
        with self._alone():
            self._pieces.add(evidence)

    def evidence(self, key: str, *, kind: EvidenceKind | None = None, limit: int | None = None) -> tuple[Evidence, ...]:
        with self._translated():
            return chosen(self._pieces.read(key), key, kind, limit)

    def close(self) -> None:
        """Nothing is held."""

    def _commit(self, work: Work) -> tuple[AuditRow, ...]:
        with self._alone():
            state = self._current()
            rows = work(state)
            if rows:
                self._write(state, rows)
        return rows

    def _state(self) -> State:
        with self._lock:
            with self._translated():
                mark = self._mark()
                if mark is not None and mark == self._seen.mark:
                    return self._seen.state
                state = self._read(mark)
            if state is not None:
                return state
            with self._alone():
                return self._current()

    def _current(self) -> State:
        """The state, under the lock; an edit becomes one here."""
        mark = self._mark()
        return self._read(mark) or self._adopt()

    def _read(self, mark: Mark | None) -> State | None:
        """What the file holds; None: somebody edited it."""
        if mark is None:
            return self._accept(None, State())
        document = parsed(self._path.read_bytes())
        return self._accept(mark, read_state(document)) if untouched(document) else None

    def _adopt(self) -> State:
        edited = read_state(parsed(self._path.read_bytes()))
        before = state_after(State(), self._journal.rows(None))
        floor = max(before.snapshot.epoch, edited.snapshot.epoch, self._seen.state.snapshot.epoch)
        before = State(Snapshot(before.snapshot, floor, before.snapshot.killed), before.head)
        signature = Signature(EDITOR, "edited by hand", self._clock())
        try:
            new = adopt(before, edited.snapshot, signature)
        except ChangeRefused as error:
            raise StoreInvalid(self.name, str(error)) from error
        return self._write(before, new)

    def _write(self, state: State, rows: tuple[AuditRow, ...]) -> State:
        after = state_after(state, rows)
        self._journal.append(state.head, rows)
        write_whole(self._path, state_text(after))
        return self._accept(self._mark(), after)

    def _accept(self, mark: Mark | None, state: State) -> State:
        known, found = self._seen.state.snapshot.epoch, state.snapshot.epoch
        if found < known:
            raise StoreWentBack(self.name, known, found)
        self._seen = _Seen(mark, state)
        return state

    def _mark(self) -> Mark | None:
        try:
            found = os.stat(self._path)  # noqa: PTH116  # polled: a Path's own stat costs twice as much
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    def _beside(self, what: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{what}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock, self._translated(), locked(self._beside("lock")):
            yield

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DocumentInvalid as error:
            raise StoreInvalid(self.name, str(error)) from error
        except OSError as error:
            raise StoreUnavailable(self.name, error.strerror or str(error)) from error
