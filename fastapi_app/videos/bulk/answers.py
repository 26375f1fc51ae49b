"""What became of each id, in the order in which they were sent. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi_app.models import VideoStatus
from fastapi_app.transaction import Record
from fastapi_app.videos.bulk.ids import row_id

MISSING = "Video not found"


def statuses(sent: Sequence[Any], rows: Mapping[int, Record], status: VideoStatus) -> dict[str, Any]:
    """An id that was sent twice had the new status the second time."""
    results: list[dict[str, Any]] = []
    changed: set[int] = set()
    for value in sent:
        row = rows.get(row_id(value) or 0)
        if row is None:
            results.append({"video_id": value, "success": False, "error": MISSING})
            continue
        old = status if row.id in changed else row.status
        changed.add(row.id)
        told = {"video_id": value, "success": True, "title": row.title, "old_status": old, "new_status": status}
        results.append(told)
    good = sum(1 for result in results if result["success"])
    bad = len(results) - good
    return {
        "success": True,
        "message": f"Bulk status update completed: {good} success, {bad} failed",
        "success_count": good,
        "failed_count": bad,
        "results": results,
    }


def deletions(sent: Sequence[Any], rows: Mapping[int, Record], names: Mapping[int, str]) -> dict[str, Any]:
    """Every id that names a video counts as deleted, also when it was sent twice."""
    found = [(value, rows.get(row_id(value) or 0)) for value in sent]
    gone = [
        {"id": row.id, "title": row.title, "artist_name": names.get(row.artist_id)}
        for _, row in found
        if row is not None
    ]
    failed = [{"id": value, "error": MISSING} for value, row in found if row is None]
    return {
        "message": f"Bulk delete completed: {len(gone)} deleted, {len(failed)} failed",
        "deleted_count": len(gone),
        "failed_count": len(failed),
        "deleted_videos": gone,
        "failed_videos": failed,
    }
