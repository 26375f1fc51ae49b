"""Setting the status of videos, and deleting many. Each video is a query, as in 0.9."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video
from legacy_flask import video_bulk_rules as rules
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.errors import NotFound
from legacy_flask.request_values import json_body
from legacy_flask.row_id import may_exist

blueprint = Blueprint("video_bulk", __name__, url_prefix="/api/videos")

_MISSING = "Video not found"


@blueprint.put("/<int:video_id>/status")
@requires(Access.MODIFY)
def set_status(video_id: int) -> Response:
    """Sets the status of one video."""
    status = rules.read_status(json_body())
    with transaction() as session:
        video = _locked(session, video_id) if may_exist(video_id) else None
        if video is None:
            raise NotFound(_MISSING)
        old, video.status = video.status, status
    return jsonify(
        success=True,
        message=f"Video status updated to {status}",
        video_id=video_id,
        old_status=old,
        new_status=status,
    )


@blueprint.put("/bulk/status")
@requires(Access.MODIFY)
def set_statuses() -> Response:
    """Sets one status on every video named; ids that name none are told one by one."""
    sent, status = rules.read_statuses(json_body())
    results: list[dict[str, Any]] = []
    with transaction() as session:
        videos = _all_locked(session, sent)
        for value in sent:
            video = videos.get(rules.row_id(value))
            if video is None:
                results.append({"video_id": value, "success": False, "error": _MISSING})
                continue
            old, video.status = video.status, status
            result = {"video_id": value, "success": True, "title": video.title}
            results.append({**result, "old_status": old, "new_status": status})
    failed = sum(not result["success"] for result in results)
    return jsonify(
        success=True,
        message=f"Bulk status update completed: {len(results) - failed} success, {failed} failed",
        success_count=len(results) - failed,
        failed_count=failed,
        results=results,
    )


@blueprint.post("/bulk/delete")
@requires(Access.MANAGE)
def delete_videos() -> tuple[Response, int]:
    """Deletes the rows of videos and their downloads; 207 when some ids name no video. Their files stay."""
    sent = rules.read_deletion(json_body())
    gone: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    with transaction() as session:
        videos = _all_locked(session, sent)
        for value in sent:
            video = videos.get(rules.row_id(value))
            if video is None:
                failed.append({"id": value, "error": _MISSING})
                continue
            artist: Artist | None = video.artist  # an old database may have lost the row
            gone.append({"id": video.id, "title": video.title, "artist_name": artist.name if artist else None})
            session.delete(video)
    answer = jsonify(
        message=f"Bulk delete completed: {len(gone)} deleted, {len(failed)} failed",
        deleted_count=len(gone),
        failed_count=len(failed),
        deleted_videos=gone,
        failed_videos=failed,
    )
    return answer, 207 if failed else 200


def _all_locked(session: Session, sent: list[Any]) -> dict[int | None, Video]:
    found = {row: _locked(session, row) for row in rules.in_order(sent)}
    return {row: video for row, video in found.items() if video is not None}


def _locked(session: Session, video_id: int) -> Video | None:
    """The row, which nobody else changes until this transaction ends."""
    return session.query(Video).filter(Video.id == video_id).with_for_update().first()
