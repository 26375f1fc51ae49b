"""Files that survive the plug: written aside, flushed, and moved into place. Writers queue at an advisory lock."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_WITHIN = 5.0
"""Seconds that a writer waits for another one."""
_LOOK_EVERY = 0.01


class LockUnavailable(OSError):
    """The lock was not to be had."""


@contextmanager
def locked(path: Path, within: float = LOCK_WITHIN) -> Iterator[None]:
    """Alone with the file ``path`` and what belongs to it, among all that ask for it here. Raises `LockUnavailable`."""
    if fcntl is None:
        raise LockUnavailable("this system has no fcntl: use another store")
    # Appending creates the file and never empties it.
    with path.open("ab") as file:
        deadline = time.monotonic() + within
        while not _taken(file.fileno()):
            if time.monotonic() > deadline:
                raise LockUnavailable(f"another process held the lock for {within:g} s")
            time.sleep(_LOOK_EVERY)
        yield


def write_whole(path: Path, content: str, *, durable: bool = True) -> None:
    """Readers see the old content or the new, never a part. ``durable``: after this returns, also without power.

    One writer at a time: what is written aside has one name, so that a killed writer leaves one file at most.
    """
    aside = path.with_name(f".{path.name}.new")
    with aside.open("wb") as file:
        with suppress(FileNotFoundError):
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
        file.write(content.encode())
        file.flush()
        if durable:
            os.fsync(file.fileno())
    aside.replace(path)
    if durable:
        _flush_folder(path.parent)


def append_lines(path: Path, lines: list[str], keep: int) -> None:
    """Writes after the first ``keep`` bytes, and forgets what was behind them."""
    with path.open("ab") as file:
        file.truncate(keep)
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())
    _flush_folder(path.parent)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
