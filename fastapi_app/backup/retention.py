"""When backups are made by themselves, and how many are kept: settings of the library. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from fastapi_app.backup.folder import KEPT

KEEP = "backup_keep"
EVERY_DAYS = "backup_every_days"
"""0, or nothing, is never."""

LAST = "backup_last_at"
"""When the schedule last handed one in: ISO 8601, UTC."""

_MOST_KEPT = 365
_LONGEST_DAYS = 365


def kept(text: str | None) -> int:
    """How many backups stay; 7 where the setting is no number."""
    return min(max(_number(text, KEPT), 1), _MOST_KEPT)


def is_due(settings: Mapping[str, str | None], moment: datetime) -> bool:
    """Whether the schedule wants one at this moment, in naive UTC."""
    days = min(_number(settings.get(EVERY_DAYS), 0), _LONGEST_DAYS)
    if days == 0:
        return False
    try:
        last = datetime.fromisoformat(settings.get(LAST) or "")
    except ValueError:
        return True
    return moment.replace(tzinfo=None) - last.replace(tzinfo=None) >= timedelta(days=days)


def _number(text: str | None, otherwise: int) -> int:
    plain = (text or "").strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 6 else otherwise
