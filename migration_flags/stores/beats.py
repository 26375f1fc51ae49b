"""Beats in a folder: a file per worker. The file system's clock dates them, as it does for every worker alike."""

import hashlib
import json
import os
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from migration_flags.document import to_text
from migration_flags.stores.disk import write_whole
from migration_flags.transition import instant
from migration_flags.workers import Worker, forgotten

_CLOCK = ".clock"


class Beats:
    """The last beat of each worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, worker: Worker) -> None:
        """One thread at a time."""
        self._folder.mkdir(mode=0o755, exist_ok=True)
        path = self._file(worker.id)
        fresh = not path.exists()
        write_whole(path, to_text(asdict(replace(worker, seen_at=""))), durable=False)
        if fresh:
            for old in forgotten(self.read(), self.now()):
                self._file(old.id).unlink(missing_ok=True)

    def read(self) -> tuple[Worker, ...]:
        """A file that goes, or is none of ours, is passed over: a beat follows every two seconds."""
        found = [worker for path in self._folder.glob("*.json") if (worker := _worker(path)) is not None]
        return tuple(sorted(found, key=lambda worker: worker.id))

    def now(self) -> datetime:
        self._folder.mkdir(mode=0o755, exist_ok=True)
        clock = self._folder / _CLOCK
        clock.touch()
        os.utime(clock)
        return _dated(clock)

    def _file(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:40]}.json"


def _worker(path: Path) -> Worker | None:
    try:
        return replace(Worker(**json.loads(path.read_bytes())), seen_at=instant(_dated(path)))
    except (OSError, ValueError, TypeError):
        return None


def _dated(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime_ns / 1e9, UTC)
