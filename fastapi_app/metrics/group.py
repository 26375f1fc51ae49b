"""Which processes count together: the workers of one server, and nobody of an earlier start.

The group is named for the process that started the workers, and for when that one began: a number is given to processes
again and again, the pair never.
"""

import multiprocessing
import os
import sys
from dataclasses import dataclass
from pathlib import Path

_START_FIELD = 19
"""Of the fields behind the name in `/proc/<pid>/stat`: when the process began, in ticks since the machine did."""


@dataclass(frozen=True)
class Process:
    """``began`` is 0 where the system does not tell."""

    pid: int
    began: int

    def __str__(self) -> str:
        return f"{self.pid}-{self.began}"

    @property
    def lives(self) -> bool:
        return self.began == _began(self.pid) and _is_there(self.pid)

    @classmethod
    def of(cls, pid: int) -> "Process":
        return cls(pid, _began(pid))

    @classmethod
    def named(cls, text: str) -> "Process | None":
        """What `str` made a text of; None for any other."""
        pid, _, began = text.partition("-")
        return cls(int(pid), int(began)) if pid.isdecimal() and began.isdecimal() else None


def group() -> Process | None:
    """The process that started this worker and its likes; None: this one is alone.

    uvicorn, granian and hypercorn start their workers through multiprocessing, gunicorn forks them.
    """
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        return Process.of(parent.pid)
    return Process.of(os.getppid()) if "gunicorn" in sys.modules else None


def _began(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[_START_FIELD])


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
