"""Whose turn it is to sort the library: one request at a time, whichever process or side answers it."""

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from anyio import to_thread

from fastapi_app.errors import Conflict, Unavailable

LOCK_NAME = "library.lock"
BUSY = "The library is being sorted already, try again in a moment"
PATIENCE_SECONDS = 5.0
_POLL_SECONDS = 0.05


@asynccontextmanager
async def turn(data_dir: Path) -> AsyncIterator[None]:
    """Holds the library while its films are named, moved or given rows; it is free again when the process dies.

    Raises Conflict when somebody else holds it for too long, and Unavailable where the data folder takes no file.
    """
    lock = await to_thread.run_sync(_open, data_dir / LOCK_NAME)
    try:
        deadline = anyio.current_time() + PATIENCE_SECONDS
        while not await to_thread.run_sync(_taken, lock):
            if anyio.current_time() > deadline:
                raise Conflict(BUSY, success=False)
            await anyio.sleep(_POLL_SECONDS)
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(os.close, lock)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        raise Unavailable("The data folder can't be written") from None


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        raise Unavailable("The data folder can't be locked") from None
    return True
