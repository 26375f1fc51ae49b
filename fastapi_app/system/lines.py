"""The last lines of the log, without what nobody may read. Pure, but for `read`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi_app.auth.credential import redacted

MOST = 50
"""How many lines 0.9's route answers."""

_LAST_BYTES = 256 * 1024
_MASK = "********"
_SECRET = re.compile(
    r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{20,}|\b(?:scrypt|pbkdf2)[:$]\S+|\b(?<!request_id=)[0-9a-f]{32,}\b"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
    r"|(?i:(?<=password=)|(?<=password: )|(?<=secret=)|(?<=token=)|(?<=key=))[^\s,;&]+"
)
"""Hashes of passwords, keys and ids of sessions, passwords in addresses, and whatever is called one. A log that 0.9
left behind is full of them."""

_LEVEL = re.compile(r"\b(DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)\b")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_SAME = {"WARN": "WARNING", "FATAL": "CRITICAL"}


@dataclass(frozen=True)
class LogLine:
    """One line. `level` is one of LEVELS; a line that names none is INFO."""

    level: str
    text: str


def read(path: Path) -> list[str]:
    """The end of the file, line by line, redacted. Empty where there is none. Blocks."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            start = max(0, file.tell() - _LAST_BYTES)
            file.seek(start)
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    whole = text.partition("\n")[2] if start else text
    return [shown(line) for line in whole.split("\n") if line.strip()]


def shown(line: str) -> str:
    """A line as anybody may see it who may see the log."""
    return _SECRET.sub(_MASK, redacted(line.rstrip("\r")))


def parsed(line: str) -> LogLine:
    found = _LEVEL.search(line[:80])
    level = found[1] if found else "INFO"
    return LogLine(_SAME.get(level, level), line)


def last(lines: Sequence[str], least: str, most: int) -> list[LogLine]:
    """The last lines of a level or a worse one, the newest last. An unknown level is every level."""
    floor = LEVELS.index(least) if least in LEVELS else 0
    found = [line for line in map(parsed, lines) if LEVELS.index(line.level) >= floor]
    return found[-most:]
