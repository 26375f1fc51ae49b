"""One restore at a time, whoever asks: the page, the API, the command line."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi_app.backup.refusals import RestoreRunning

FILE = ".restoring"
"""Whoever has it locked has the turn. It stays: two locks on two files of one name would both be had."""


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Holds the turn until the block ends, or this process does. Raises RestoreRunning while somebody else has it."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(home / FILE, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RestoreRunning("Another restore is under way. Wait until it has ended.") from None
        yield
    finally:
        os.close(descriptor)
