"""What the web processes say, kept in a file of the data folder for the page of the system. Never in anybody's way."""

import fcntl
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from anyio import CancelScope, to_thread

from fastapi_app.auth.credential import redacted
from fastapi_app.config import Config

LARGEST_BYTES = 2 * 2**20
"""One older file of this size is kept beside it."""

_opened: list["LogFile"] = []
"""The files of this process, the last one in use: one, but for tests."""


class LineHandler(logging.Handler):
    """Lines of `logging`: those of servers, and of the legacy side."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ"))

    def emit(self, record: logging.LogRecord) -> None:
        keep(redacted(self.format(record)))


def path_of(config: Config) -> Path:
    return config.data_dir / "logs" / "mvidarr.log"


def keep(line: str) -> None:
    """Hands a line over; it is written in a moment, where there is a file."""
    if _opened:
        _opened[-1].put(line)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[None]:
    """The file at `path` takes the lines of this process until the block ends."""
    file = await to_thread.run_sync(LogFile, path)
    # Without a handler of its own, `logging` writes warnings to standard error: ours alone would stop that.
    root = logging.getLogger() if logging.getLogger().handlers else None
    handler = LineHandler(logging.WARNING)
    if root is not None:
        root.addHandler(handler)
    _opened.append(file)
    try:
        yield
    finally:
        _opened.remove(file)
        if root is not None:
            root.removeHandler(handler)
        with CancelScope(shield=True):
            await to_thread.run_sync(file.close)


class LogFile:
    """A thread that writes. Several processes may share the file: each line is one write at its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="log-file", daemon=True)
        self._thread.start()

    def put(self, line: str) -> None:
        self._lines.put(line)

    def close(self) -> None:
        """Writes what was handed over, and ends."""
        self._lines.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                write(self._path, line)
            except OSError:  # a disk that is full or away: the line stands in standard error all the same
                continue


def write(path: Path, line: str) -> None:
    """Adds one line. A file that has grown too large gives way first. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = " ".join(line.splitlines()).encode("utf-8", "backslashreplace") + b"\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if os.fstat(descriptor).st_size < LARGEST_BYTES:
            os.write(descriptor, text)
            return
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):  # nobody was faster
            path.replace(path.with_name(f"{path.name}.1"))
    finally:
        os.close(descriptor)
    write(path, line)
