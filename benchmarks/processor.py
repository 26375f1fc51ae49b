"""How much processor time the processes of a server have used."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(group: int) -> float:
    """User and system time of every process in a process group, in seconds."""
    return sum(_used(folder, group) for folder in Path("/proc").iterdir() if folder.name.isdigit())


def _used(folder: Path, group: int) -> float:
    try:
        # The command, in parentheses, may hold anything; the numbers begin after its end.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK if int(fields[2]) == group else 0.0
