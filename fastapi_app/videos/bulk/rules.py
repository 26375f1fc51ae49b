"""Reading what a client wants done to videos, one or many. Pure."""

from collections.abc import Iterable
from typing import Any

from fastapi_app.errors import BadField, BadRequest
from fastapi_app.models import VideoStatus
from fastapi_app.videos.bulk.ids import row_id
from fastapi_app.videos.rules import changes

SETTABLE = ("WANTED", "DOWNLOADING", "DOWNLOADED", "FAILED", "IGNORED")
MOST_VIDEOS = 100_000
MOST_EDITED = 500
EDITABLE = ("year", "genres")


def one_status(body: Any) -> VideoStatus:
    """The status that a body names, in exactly this spelling. Raises BadRequest."""
    if not isinstance(body, dict) or "status" not in body:
        raise BadRequest("Status is required")
    return _settable(body["status"])


def many_statuses(body: Any) -> tuple[list[Any], VideoStatus]:
    """The ids as they were sent, and the status for all of them. Raises BadRequest."""
    if not isinstance(body, dict) or not {"video_ids", "status"} <= body.keys():
        raise BadRequest("video_ids array and status are required")
    if not isinstance(body["video_ids"], list):
        raise BadRequest("video_ids must be an array")
    return _few_enough(body["video_ids"]), _settable(body["status"])


def deletion(body: Any) -> list[Any]:
    """The ids as they were sent. Raises BadRequest."""
    sent = body.get("video_ids") if isinstance(body, dict) else None
    if not sent:
        raise BadRequest("No video IDs provided")
    if not isinstance(sent, list):
        raise BadRequest("video_ids must be a list")
    return _few_enough(sent)


def edit(body: Any) -> tuple[list[int], dict[str, Any]]:
    """The rows and their new values. Raises BadRequest."""
    if not isinstance(body, dict) or not isinstance(body.get("updates"), dict):
        raise BadRequest("video_ids and updates are required")
    sent = deletion(body)
    if len(sent) > MOST_EDITED:
        raise BadField("video_ids", f"a list of at most {MOST_EDITED} ids")
    named = {name: value for name, value in body["updates"].items() if name in EDITABLE}
    if not named:
        raise BadField("updates", f"an object with {' or '.join(EDITABLE)}")
    return rows_named(sent), changes(named)


def rows_named(sent: Iterable[Any]) -> list[int]:
    """The rows that ids name, each once, in the order in which every transaction locks them."""
    return sorted({found for value in sent if (found := row_id(value)) is not None})


def _few_enough(sent: list[Any]) -> list[Any]:
    if len(sent) > MOST_VIDEOS:
        raise BadField("video_ids", f"a list of at most {MOST_VIDEOS} ids")
    return sent


def _settable(value: Any) -> VideoStatus:
    if not isinstance(value, str) or value not in SETTABLE:
        raise BadRequest(f"Invalid status. Must be one of: {list(SETTABLE)}")
    return VideoStatus(value)
