"""What rows of downloads say: their order, how long one may take, how the whole is doing. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi_app.models import INTEGER_MAX, INTEGER_MIN
from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest

CHANGEABLE = ("pending", "failed")
PRIORITY_LEVELS: list[dict[str, Any]] = [
    {"value": 1, "label": "Critical", "color": "#dc3545"},
    {"value": 2, "label": "Very High", "color": "#fd7e14"},
    {"value": 3, "label": "High", "color": "#ffc107"},
    {"value": 4, "label": "Above Normal", "color": "#20c997"},
    {"value": 5, "label": "Normal", "color": "#6c757d"},
    {"value": 6, "label": "Below Normal", "color": "#6f42c1"},
    {"value": 7, "label": "Low", "color": "#0dcaf0"},
    {"value": 8, "label": "Very Low", "color": "#198754"},
    {"value": 9, "label": "Lowest", "color": "#0d6efd"},
    {"value": 10, "label": "Deferred", "color": "#495057"},
]
_LABELS: dict[int | None, str] = {level["value"]: level["label"] for level in PRIORITY_LEVELS}
MOST_DOWNLOADS = 500
_MOST = 500


class Wanted(NamedTuple):
    """Which rows; None is any."""

    status: str | None
    priority: int | None
    artist_id: int | None
    limit: int


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Reads the query; what is empty filters nothing."""
    status = query.get("status") or None
    limit = _number(query.get("limit", "100"), "limit", 0)
    if status is not None:
        fields.refuse_unstorable(status, "status")
    return Wanted(status, _filter(query, "priority"), _filter(query, "artist_id"), min(limit, _MOST))


def read_priority(body: Any) -> int:
    given = body.get("priority") if isinstance(body, dict) else None
    if not isinstance(given, int) or isinstance(given, bool) or given not in _LABELS:
        raise BadRequest("Priority must be an integer between 1 (highest) and 10 (lowest)")
    return given


def read_ids(body: Any) -> list[Any]:
    """The ids as they were sent."""
    if not isinstance(body, dict) or "video_ids" not in body:
        raise BadRequest("video_ids array is required")
    sent = body["video_ids"]
    if not isinstance(sent, list):
        raise BadRequest("video_ids must be an array")
    if len(sent) > MOST_DOWNLOADS:
        raise BadField("video_ids", f"a list of at most {MOST_DOWNLOADS} ids")
    return sent


def read_most(body: Any) -> int:
    """How many wanted videos are downloaded at once. Raises BadRequest."""
    if body and not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    given = (body or {}).get("limit", 50)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= INTEGER_MAX:
        raise BadField("limit", f"a whole number between 0 and {INTEGER_MAX}")
    return min(given, MOST_DOWNLOADS)


def label(priority: int | None) -> str:
    return _LABELS.get(priority, "Unknown")


def remaining(status: str | None, progress: int | None) -> str | None:
    """A guess: half a minute for each percent."""
    if status != "downloading" or not progress:
        return None
    minutes = (100 - progress) * 0.5
    if minutes <= 0:
        return "Almost done"
    return f"{int(minutes)} minutes" if minutes >= 1 else "< 1 minute"


def health(failed: int, total: int) -> str:
    if total and failed / total > 0.3:
        return "poor"
    return "fair" if total and failed / total > 0.1 else "good"


def _filter(query: Mapping[str, str], name: str) -> int | None:
    given = query.get(name)
    return _number(given, name, INTEGER_MIN) if given else None


def _number(given: str, name: str, least: int) -> int:
    try:
        number = int(given)
    except ValueError:
        raise BadField(name, "a whole number") from None
    if not least <= number <= INTEGER_MAX:
        raise BadField(name, f"a whole number between {least} and {INTEGER_MAX}")
    return number
