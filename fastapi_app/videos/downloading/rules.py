"""Which videos a client wants downloaded, and where they are to be had. Pure."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi_app.downloads.addresses import is_askable
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.models import INTEGER_MAX

NOTHING_WANTED = "No wanted videos found"
MISSING = "Video not found"
MOST = 500
"""Downloads that one request hands in."""
_LIMIT = 50


def ids(body: Any) -> list[Any]:
    """The ids as they were sent. Raises BadRequest."""
    if not isinstance(body, dict) or "video_ids" not in body:
        raise BadRequest("video_ids array is required")
    sent = body["video_ids"]
    if not isinstance(sent, list):
        raise BadRequest("video_ids must be an array")
    if len(sent) > MOST:
        raise BadField("video_ids", f"a list of at most {MOST} ids")
    return sent


def limit(body: Any) -> int:
    """How many of the wanted videos. Raises BadRequest."""
    if body and not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    wanted = (body or {}).get("limit", _LIMIT)
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 0 <= wanted <= INTEGER_MAX:
        raise BadField("limit", f"a whole number between 0 and {INTEGER_MAX}")
    return min(wanted, MOST)


def address(url: str | None, youtube_url: str | None, youtube_id: str | None) -> str | None:
    """Where a video is to be had, as far as its row says; None: it has to be searched for."""
    watched = f"https://www.youtube.com/watch?v={quote(youtube_id, safe='')}" if youtube_id else None
    return next((one for one in (url, youtube_url, watched) if one and is_askable(one)), None)


def told(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What became of the ids of a list."""
    good = sum(1 for result in results if result["success"])
    return {
        "success": True,
        "message": f"Bulk download completed: {good} success, {len(results) - good} failed",
        **_counts(results, good),
    }


def told_wanted(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What became of the wanted videos."""
    if not results:
        return {"success": True, "message": NOTHING_WANTED, **_counts(results, 0)}
    good = sum(1 for result in results if result["success"])
    failed = f", {len(results) - good} failed" if good < len(results) else ""
    message = f"Downloaded all wanted videos: {good} queued successfully{failed}"
    return {"success": True, "message": message, "total_wanted": len(results), **_counts(results, good)}


def _counts(results: Sequence[dict[str, Any]], good: int) -> dict[str, Any]:
    return {"success_count": good, "failed_count": len(results) - good, "results": list(results)}
