"""What rows of downloads say: their order, how long one may take, how the whole is doing. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadRequest
from fastapi_app.models import INTEGER_MIN
from fastapi_app.transaction import Record

MISSING = "Download not found"
MANY = 200
"""From more rows on, the answer is written in a thread."""
CHANGEABLE = ("pending", "failed")
"""What a row must say for its priority to change."""
HIGHEST, LOWEST = 1, 10
_LEVELS = {
    1: ("Critical", "#dc3545"),
    2: ("Very High", "#fd7e14"),
    3: ("High", "#ffc107"),
    4: ("Above Normal", "#20c997"),
    5: ("Normal", "#6c757d"),
    6: ("Below Normal", "#6f42c1"),
    7: ("Low", "#0dcaf0"),
    8: ("Very Low", "#198754"),
    9: ("Lowest", "#0d6efd"),
    10: ("Deferred", "#495057"),
}
_DEFAULT_LIMIT, _MOST = 100, 500
_MINUTES_A_PERCENT = 0.5
_FAIR, _POOR = 0.1, 0.3
"""Shares of failed rows above which the health is no longer good, and no longer fair."""


@dataclass(frozen=True)
class Listing:
    """Which rows. None is any."""

    status: str | None
    priority: int | None
    artist_id: int | None
    limit: int


def listing(query: Mapping[str, str]) -> Listing:
    """Reads the query; what is empty filters nothing. Raises BadField."""
    limit = fields.query_integer(query.get("limit", str(_DEFAULT_LIMIT)), "limit", least=0)
    status = query.get("status") or None
    return Listing(
        fields.plain(status, "status") if status else None,
        _number(query, "priority"),
        _number(query, "artist_id"),
        min(limit, _MOST),
    )


def new_priority(body: Any) -> int:
    """The priority that a body names. Raises BadRequest."""
    given = body.get("priority") if isinstance(body, dict) else None
    if isinstance(given, bool) or not isinstance(given, int) or not HIGHEST <= given <= LOWEST:
        raise BadRequest(f"Priority must be an integer between {HIGHEST} (highest) and {LOWEST} (lowest)")
    return given


def check_changeable(status: str | None) -> None:
    """Raises BadRequest for a row whose priority counts no more."""
    if status not in CHANGEABLE:
        raise BadRequest(f"Cannot modify priority for {status} downloads")


def label(priority: int | None) -> str:
    return _LEVELS[priority][0] if priority in _LEVELS else "Unknown"


def levels() -> list[dict[str, Any]]:
    """Every priority there is."""
    return [{"value": value, "label": name, "color": color} for value, (name, color) in _LEVELS.items()]


def remaining(status: str | None, progress: int | None) -> str | None:
    """A guess at the time that a running download still takes; None for one that does not run yet."""
    if status != "downloading" or not progress:
        return None
    minutes = (100 - progress) * _MINUTES_A_PERCENT
    if minutes <= 0:
        return "Almost done"
    return "< 1 minute" if minutes < 1 else f"{int(minutes)} minutes"


def statistics(groups: Iterable[Record]) -> dict[str, Any]:
    """The whole table, from its counts by status and priority."""
    by_status: Counter[str] = Counter()
    by_priority: Counter[int] = Counter()
    total = 0
    for status, priority, number in groups:
        total += number
        if status is not None:
            by_status[status] += number
        if priority is not None:
            by_priority[priority] += number
    return {
        "total_downloads": total,
        "by_status": dict(by_status),
        "by_priority": dict(by_priority),
        "estimated_total_time": None,
        "queue_health": health(by_status["failed"], total),
    }


def health(failed: int, total: int) -> str:
    share = failed / total if total else 0
    return "poor" if share > _POOR else "fair" if share > _FAIR else "good"


def _number(query: Mapping[str, str], name: str) -> int | None:
    given = query.get(name)
    return fields.query_integer(given, name, least=INTEGER_MIN) if given else None
