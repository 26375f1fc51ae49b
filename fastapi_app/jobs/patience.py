"""Waiting for a database that went away for a moment."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


def patiently(work: Callable[[], Result], seconds: float) -> Result:
    """Does `work`, again and again for `seconds` while the database is away. Raises what it raised last."""
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() + pause > deadline:
                raise
            log.warning("a job waits for the database", reason=type(error.orig).__name__)
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
