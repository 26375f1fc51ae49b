"""Which core processes run on, and how much processor time those of a server have used."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_LOOK_EVERY = 0.1
_IDLE = 0.2
"""The share of a core below which a server has nothing left to do."""


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What this process starts in the block runs on that core, unless it is pinned to another."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def members(group: int) -> Iterator[Path]:
    """The folders of a process group's processes in /proc."""
    for folder in Path("/proc").iterdir():
        with suppress(ProcessLookupError):  # it ended meanwhile
            if folder.name.isdigit() and os.getpgid(int(folder.name)) == group:
                yield folder


def processor_seconds(group: int) -> float:
    """User and system time of every process in a process group, in seconds."""
    return sum(_used(folder) for folder in members(group))


def settle(group: int, within: float) -> None:
    """Waits until a server has done what is left of a load whose client went away; not for ever."""
    deadline, before = time.monotonic() + within, processor_seconds(group)
    while time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)
        now = processor_seconds(group)
        if now - before <= _IDLE * _LOOK_EVERY:
            return
        before = now


def _used(folder: Path) -> float:
    try:
        # The command, in parentheses, may hold anything; the numbers begin after its end.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK
