"""The last lines of the log, without what nobody may read."""

import re
from pathlib import Path

from legacy_flask.credential import redacted

MOST = 50
_LAST_BYTES = 256 * 1024
_MASK = "********"
_SECRET = re.compile(
    r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{20,}|\b(?:scrypt|pbkdf2)[:$]\S+|\b(?<!request_id=)[0-9a-f]{32,}\b"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
    r"|(?i:(?<=password=)|(?<=password: )|(?<=secret=)|(?<=token=)|(?<=key=))[^\s,;&]+"
)
"""Hashes, keys, ids of sessions, and whatever is called a secret: 0.9 wrote them down at each login."""


def recent(path: Path) -> list[str]:
    """The last lines that say something. Empty where there is no log."""
    try:
        with path.open("rb") as file:
            start = max(0, file.seek(0, 2) - _LAST_BYTES)
            file.seek(start)
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    whole = text.partition("\n")[2] if start else text
    return [shown(line) for line in whole.split("\n") if line.strip()][-MOST:]


def shown(line: str) -> str:
    return _SECRET.sub(_MASK, redacted(line.rstrip("\r")))
