"""Downloads of videos: handing them in one by one, as 0.9 did, and the rows that tell of them."""

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Download, Job, Video, VideoStatus
from legacy_flask import download_rules, download_threads, job_rows, video_bulk_rules
from legacy_flask.access import Access, requires
from legacy_flask.configuration import current_settings
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.download_names import address_of
from legacy_flask.downloading import search
from legacy_flask.errors import BadRequest, NotFound
from legacy_flask.job_rows import Wish
from legacy_flask.job_visibility import owner
from legacy_flask.request_values import json_body, query
from legacy_flask.row_id import may_exist
from legacy_flask.stored_paths import existing_file
from legacy_flask.views.metube import unsuccessful
from legacy_flask.views.videos import find_video

blueprint = Blueprint("video_downloads", __name__, url_prefix="/api/videos")

_NO_URL = "No URL available for download"
_MISSING = "Video not found"


@blueprint.post("/<int:video_id>/download")
@requires(Access.MODIFY)
def download(video_id: int) -> Response:
    """Downloads a video. One without an address is searched for first, while the client waits."""
    user_id = owner()
    with transaction() as session:
        video = find_video(session, video_id)
        is_there = video.status is VideoStatus.DOWNLOADED and video.local_path
        if is_there and existing_file(video.local_path or "", current_settings()) is not None:
            raise BadRequest("Video is already downloaded", success=False)
        wish = _wish(video)
    job_id = _hand_in(wish, user_id)
    if job_id is None:
        raise BadRequest(_NO_URL)
    download_threads.wake(current_settings())
    return jsonify(success=True, message="Video download queued", download_id=job_id, video_id=video_id)


@blueprint.post("/bulk/download")
@requires(Access.MODIFY)
def download_many() -> Response:
    """Downloads every video named, one after the other; what can't be is told one by one."""
    sent = download_rules.read_ids(json_body())
    user_id = owner()
    results = [_downloaded(value, user_id) for value in sent]
    download_threads.wake(current_settings())
    good = sum(result["success"] for result in results)
    return jsonify(
        success=True,
        message=f"Bulk download completed: {good} success, {len(results) - good} failed",
        success_count=good,
        failed_count=len(results) - good,
        results=results,
    )


@blueprint.post("/bulk/download-wanted")
@requires(Access.MODIFY)
def download_wanted() -> Response:
    """Downloads what is wanted, one video after the other."""
    with unsuccessful():
        limit = download_rules.read_most(json_body())
    return jsonify(download_all_wanted(limit))


@blueprint.get("/downloads/queue")
@requires(Access.READ)
def queue() -> Response:
    """Rows of downloads, the most urgent and oldest first, and counts of the whole table. Artists come one by one."""
    wanted = download_rules.read_wanted(query())
    with transaction() as session:
        rows = session.query(Download)
        if wanted.status is not None:
            rows = rows.filter(Download.status == wanted.status)
        if wanted.priority is not None:
            rows = rows.filter(Download.priority == wanted.priority)
        if wanted.artist_id is not None:
            rows = rows.filter(Download.artist_id == wanted.artist_id)
        found = rows.order_by(Download.priority, Download.created_at, Download.id).limit(wanted.limit).all()
        return jsonify(
            queue=[_row(download) for download in found],
            count=len(found),
            statistics=_statistics(session),
            priority_levels=download_rules.PRIORITY_LEVELS,
        )


@blueprint.put("/downloads/<int:download_id>/priority")
@requires(Access.MODIFY)
def set_priority(download_id: int) -> Response:
    """Changes the priority of a download that waits or failed, and of the job that it tells of."""
    new = download_rules.read_priority(json_body())
    with transaction() as session:
        locked = session.query(Download).filter(Download.id == download_id).with_for_update()
        row = locked.first() if may_exist(download_id) else None
        if row is None:
            raise NotFound("Download not found")
        if row.status not in download_rules.CHANGEABLE:
            raise BadRequest(f"Cannot modify priority for {row.status} downloads")
        old, row.priority = row.priority, new
        jobs = (Job.download_id == download_id, Job.state.not_in(job_rows.ENDED))
        job_rows.changed(session, update(Job).where(*jobs).values(priority=new, sequence=Job.sequence + 1))
        title = row.title
    label = download_rules.label(new)
    return jsonify(
        success=True,
        message=f"Priority updated from {download_rules.label(old)} to {label}",
        download={
            "id": download_id,
            "title": title,
            "old_priority": old,
            "new_priority": new,
            "priority_label": label,
        },
    )


def download_all_wanted(limit: int) -> dict[str, Any]:
    """Hands in so many wanted videos, one by one, and lets them begin. What became of each."""
    user_id = owner()
    with transaction() as session:
        rows = session.query(Video.id, Video.title, Artist.name).join(Artist, Artist.id == Video.artist_id)
        wanted = rows.filter(Video.status == VideoStatus.WANTED).order_by(Video.id).limit(limit).all()
    if not wanted:
        nothing: dict[str, Any] = {"success_count": 0, "failed_count": 0, "results": []}
        return {"success": True, "message": "No wanted videos found", **nothing}
    results = []
    for video_id, title, artist in wanted:
        told = _downloaded(video_id, user_id)
        results.append({**told, "title": title, "artist": artist})
    download_threads.wake(current_settings())
    good = sum(result["success"] for result in results)
    failed = f", {len(results) - good} failed" if good < len(results) else ""
    return {
        "success": True,
        "message": f"Downloaded all wanted videos: {good} queued successfully{failed}",
        "success_count": good,
        "failed_count": len(results) - good,
        "total_wanted": len(results),
        "results": results,
    }


def _downloaded(sent: Any, user_id: int | None) -> dict[str, Any]:
    """What became of one id, as it was sent."""
    video_id = video_bulk_rules.row_id(sent)
    with transaction() as session:
        video = session.query(Video).filter(Video.id == video_id).first() if video_id is not None else None
        wish = _wish(video) if video is not None else None
    if wish is None:
        return {"video_id": sent, "success": False, "error": _MISSING}
    job_id = _hand_in(wish, user_id)
    if job_id is None:
        return {"video_id": sent, "success": False, "error": _NO_URL}
    return {"video_id": sent, "success": True, "title": wish.title, "download_id": job_id}


def _wish(video: Video) -> Wish:
    artist: Artist | None = video.artist  # an old database may have lost the row
    address = address_of(video.url, video.youtube_url, video.youtube_id)
    return Wish(artist.name if artist is not None else "Unknown", video.title, address, video.id)


def _hand_in(wish: Wish, user_id: int | None) -> int | None:
    """The id of the job, None where there is no address to be found. A rehearsal does not look for one."""
    settings = current_settings()
    if wish.url is None and settings.runs_downloads:
        wish = wish._replace(url=search(settings, Path(tempfile.gettempdir()), wish.artist, wish.title))
        if wish.url is None:
            return None
    with transaction() as session:
        return job_rows.submit(session, wish, user_id).id


def _row(download: Download) -> dict[str, Any]:
    artist: Artist | None = download.artist  # an old database may have lost the row
    return {
        "id": download.id,
        "title": download.title,
        "artist_name": artist.name if artist is not None else "Unknown",
        "artist_id": download.artist_id,
        "video_id": download.video_id,
        "status": download.status,
        "priority": download.priority,
        "priority_label": download_rules.label(download.priority),
        "progress": download.progress,
        "file_size": download.file_size,
        "quality": download.quality,
        "format": download.format,
        "download_date": iso(download.download_date),
        "created_at": iso(download.created_at),
        "updated_at": iso(download.updated_at),
        "error_message": download.error_message,
        "metube_id": download.metube_id,
        "estimated_time_remaining": download_rules.remaining(download.status, download.progress),
        "can_modify_priority": download.status in download_rules.CHANGEABLE,
    }


def _statistics(session: Session) -> dict[str, Any]:
    total = session.query(Download).count()
    by_status = dict(session.query(Download.status, func.count(Download.id)).group_by(Download.status).all())
    by_priority = dict(session.query(Download.priority, func.count(Download.id)).group_by(Download.priority).all())
    return {
        "total_downloads": total,
        "by_status": {status: number for status, number in by_status.items() if status is not None},
        "by_priority": {priority: number for priority, number in by_priority.items() if priority is not None},
        "estimated_total_time": None,
        "queue_health": download_rules.health(by_status.get("failed", 0), total),
    }
