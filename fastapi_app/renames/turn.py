"""The library is sorted by one at a time: requests that file films (`indexing/turn.py`), and this job. It blocks."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi_app.indexing.turn import LOCK_NAME
from fastapi_app.jobs.work import FailedForNow

PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.05


@contextmanager
def turn(data_dir: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Holds the library; free again when the process dies. Raises FailedForNow where somebody else keeps it."""
    lock = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _taken(lock):
            if time.monotonic() > deadline:
                raise FailedForNow("busy", "The library is being sorted by somebody else")
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(lock)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
