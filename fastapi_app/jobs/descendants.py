"""The processes that a process started, and those that they started: Linux tells, elsewhere there are none."""

import os
import signal
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def of(pid: int) -> set[int]:
    """Every living descendant of `pid`."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.parent.name))
    family: set[int] = set()
    waiting = [pid]
    while waiting:
        found = set(children.get(waiting.pop(), [])) - family
        family |= found
        waiting.extend(found)
    return family


def end(pid: int) -> None:
    """Kills every descendant of `pid`."""
    for one in of(pid):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(one, signal.SIGKILL)
