"""The data folder: made, tried, and held by one installation at a time."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from fastapi_app.operations.refusal import FolderInUse, FolderUnwritable

LOCK_NAME = "mvidarr.lock"
_POLL_SECONDS = 0.1


def prepare(folder: Path) -> None:
    """Makes `folder` and proves that files can be made in it. Raises FolderUnwritable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".write-"):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from None


@contextmanager
def claimed(folder: Path, *, patience_seconds: float = 8.0) -> Iterator[int]:
    """Holds `folder` against a second installation; gives the lock's descriptor.

    Children that inherit the descriptor hold the lock too. So what a killed parent left behind is waited for, up to
    `patience_seconds`, before it can be confused with the new one. Raises FolderInUse.
    """
    path = folder / LOCK_NAME
    try:
        lock = path.open("a+b")
    except OSError as error:
        raise _unwritable(folder, error) from None
    with lock:
        _take(lock, folder, time.monotonic() + patience_seconds)
        lock.truncate(0)
        lock.write(str(os.getpid()).encode())
        lock.flush()
        yield lock.fileno()


def _take(lock: BinaryIO, folder: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _owner(lock)
            if _lives(owner) or time.monotonic() > deadline:
                raise FolderInUse(
                    f"Another MVidarr (process {owner}) is using {folder}: stop it first, "
                    "or set MVIDARR_DATA_DIR to another folder."
                ) from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _owner(lock: BinaryIO) -> int:
    lock.seek(0)
    with suppress(ValueError):
        return int(lock.read())
    return 0


def _lives(process: int) -> bool:
    if not process:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _unwritable(folder: Path, error: OSError) -> FolderUnwritable:
    return FolderUnwritable(
        f"The folder {folder} can't be written ({error.strerror}): set MVIDARR_DATA_DIR to one that can."
    )
