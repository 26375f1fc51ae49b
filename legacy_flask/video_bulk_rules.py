"""Reading what a client wants done to many videos. Pure."""

import re
from collections.abc import Iterable
from typing import Any

from fastapi_app.models import INTEGER_MAX, VideoStatus
from legacy_flask.errors import BadField, BadRequest

MOST_VIDEOS = 100_000
_SETTABLE = ["WANTED", "DOWNLOADING", "DOWNLOADED", "FAILED", "IGNORED"]
_NUMBER = re.compile(r"\s*\+?([0-9]{1,20})(?:\.0*)?\s*")


def row_id(value: Any) -> int | None:
    """The id that a body names: a whole number, or a text that MariaDB read as one. None for what names no row."""
    if isinstance(value, str):
        read = _NUMBER.fullmatch(value)
        number = int(read.group(1)) if read else 0
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
        number = int(value)
    else:
        return None
    return number if 1 <= number <= INTEGER_MAX else None


def in_order(sent: Iterable[Any]) -> list[int]:
    """The rows that ids name, each once, from the lowest: rows are locked in this order."""
    return sorted({row for row in map(row_id, sent) if row is not None})


def read_status(body: Any) -> VideoStatus:
    if not isinstance(body, dict) or "status" not in body:
        raise BadRequest("Status is required")
    return _status(body["status"])


def read_statuses(body: Any) -> tuple[list[Any], VideoStatus]:
    if not isinstance(body, dict) or "video_ids" not in body or "status" not in body:
        raise BadRequest("video_ids array and status are required")
    if not isinstance(body["video_ids"], list):
        raise BadRequest("video_ids must be an array")
    return _bounded(body["video_ids"]), _status(body["status"])


def read_deletion(body: Any) -> list[Any]:
    sent = body.get("video_ids") if isinstance(body, dict) else None
    if not sent:
        raise BadRequest("No video IDs provided")
    if not isinstance(sent, list):
        raise BadRequest("video_ids must be a list")
    return _bounded(sent)


def _bounded(sent: list[Any]) -> list[Any]:
    if len(sent) > MOST_VIDEOS:
        raise BadField("video_ids", f"a list of at most {MOST_VIDEOS} ids")
    return sent


def _status(value: Any) -> VideoStatus:
    """Only this spelling counts, and MONITORED is left to the watched playlists."""
    if value not in _SETTABLE:
        raise BadRequest(f"Invalid status. Must be one of: {_SETTABLE}")
    return VideoStatus[value]
