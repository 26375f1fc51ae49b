"""Downloads by the names of 0.9: its address still says MeTube, which it left long ago."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, jsonify
from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Query, Session

from fastapi_app.models import Job, Setting, Video, now
from legacy_flask import cookie_file, download_command, download_threads, job_rows, metube_rules
from legacy_flask.access import Access, requires
from legacy_flask.configuration import current_settings
from legacy_flask.database import session as current_session
from legacy_flask.database import transaction
from legacy_flask.download_files import stored_library
from legacy_flask.download_program import output_of
from legacy_flask.errors import BadRequest, LegacyError, NotFound
from legacy_flask.job_visibility import owner, visible
from legacy_flask.request_values import json_body, query
from legacy_flask.row_id import may_exist

blueprint = Blueprint("metube", __name__, url_prefix="/api/metube")

_VERSION_SECONDS = 10.0


@blueprint.get("/queue")
@requires(Access.READ)
def queue() -> Response:
    """Downloads that wait or run, the oldest first."""
    seen = visible()
    with transaction() as session:
        jobs = _downloads(session, seen).filter(Job.state.not_in(job_rows.ENDED)).order_by(Job.id).all()
        library = _library(session)
        return jsonify(queue=[metube_rules.item(job, library) for job in jobs], count=len(jobs))


@blueprint.get("/history")
@requires(Access.READ)
def history() -> Response:
    """Downloads that ended, the newest first."""
    limit = metube_rules.read_limit(query())
    seen = visible()
    with transaction() as session:
        rows = _downloads(session, seen).filter(Job.state.in_(job_rows.ENDED))
        jobs = rows.order_by(Job.finished_at.desc(), Job.id.desc()).limit(limit).all()
        library = _library(session)
        return jsonify(history=[metube_rules.item(job, library) for job in jobs], count=len(jobs))


@blueprint.post("/download/music-video")
@requires(Access.MODIFY)
def download() -> Response:
    """Downloads any address into the folder of an artist."""
    with unsuccessful():
        wish = metube_rules.read_wish(json_body())
        user_id = owner()
        with transaction() as session:
            if wish.video_id is not None and session.query(Video.id).filter(Video.id == wish.video_id).first() is None:
                raise NotFound("Video not found")
            job_id = job_rows.submit(session, wish, user_id).id
    download_threads.wake(current_settings())
    return jsonify(success=True, id=job_id, message=f"Download queued: {wish.title}")


@blueprint.post("/download/<int:download_id>/stop")
@requires(Access.MODIFY)
def stop(download_id: int) -> Response:
    """Stops a download that waits or runs. One that ended is not found any more, as in 0.9."""
    seen = visible()
    with unsuccessful(), transaction() as session:
        job = _one(session, seen, download_id)
        if job is None or job.state in ("completed", "failed"):
            raise BadRequest("Download not found")
        job_rows.cancel(session, job)
    return jsonify(success=True, message=f"Download {download_id} stopped")


@blueprint.post("/download/<int:download_id>/retry")
@requires(Access.MODIFY)
def retry(download_id: int) -> Response:
    """Tries a download again that failed or was stopped. It keeps its id."""
    seen = visible()
    with unsuccessful(), transaction() as session:
        job = _one(session, seen, download_id)
        if job is None or not job_rows.retry(session, job):
            raise BadRequest("Download not found or not retryable")
    download_threads.wake(current_settings())
    return jsonify(success=True, id=download_id, message="Download queued again")


@blueprint.delete("/history/clear")
@requires(Access.MODIFY)
def clear_history() -> Response:
    """Forgets the downloads that ended, of those that the visitor sees. Their films stay."""
    seen = visible()
    with transaction() as session:
        deleted = _downloads(session, seen).filter(Job.state.in_(job_rows.ENDED)).delete(synchronize_session=False)
    return jsonify(success=True, deleted_count=deleted)


@blueprint.post("/clear-stuck")
@requires(Access.MODIFY)
def clear_stuck() -> Response:
    """Stops the downloads that have been running for some minutes without a byte."""
    with unsuccessful():
        since = now() - timedelta(minutes=metube_rules.read_minutes(json_body()))
        seen = visible()
        with transaction() as session:
            empty = func.coalesce(Job.percent, 0) == 0, func.coalesce(Job.bytes_done, 0) == 0
            stuck = _downloads(session, seen).filter(Job.state == "running", Job.started_at < since, *empty)
            jobs = stuck.filter(Job.cancel_requested.is_(False)).order_by(Job.id).all()
            for job in jobs:
                job_rows.cancel(session, job)
    return jsonify(success=True, cleared_count=len(jobs))


@blueprint.get("/health")
@requires(Access.READ)
def health() -> tuple[Response, int]:
    """Asks yt-dlp for its version, in the request as in 0.9, and counts downloads."""
    settings = current_settings()
    said = output_of(download_command.version(), Path(tempfile.gettempdir()), _VERSION_SECONDS)
    if not said:
        return jsonify(status="unhealthy", error="yt-dlp command failed"), 503
    counts = dict(current_session().query(Job.state, func.count()).filter(_is_download()).group_by(Job.state).all())
    found = cookie_file.status(settings)
    cookies = {"cookies_available": False}
    told = cookies if found is None else {"cookies_available": True, "file_path": cookie_file.STORED, **found}
    answer = jsonify(
        status="healthy",
        version=said.splitlines()[-1],
        active_downloads=counts.get("running", 0),
        queued_downloads=sum(counts.get(state, 0) for state in job_rows.CLAIMABLE),
        cookie_status=told,
    )
    return answer, 200


@contextmanager
def unsuccessful() -> Iterator[None]:
    """Refusals of these routes say `success: false` besides."""
    try:
        yield
    except LegacyError as error:
        error.more.setdefault("success", False)
        raise


def _is_download() -> ColumnElement[bool]:
    return Job.kind == job_rows.KIND


def _downloads(session: Session, seen: ColumnElement[bool]) -> "Query[Job]":
    return session.query(Job).filter(_is_download(), seen)


def _one(session: Session, seen: ColumnElement[bool], job_id: int) -> Job | None:
    return _downloads(session, seen).filter(Job.id == job_id).first() if may_exist(job_id) else None


def _library(session: Session) -> str:
    found = session.query(Setting.value).filter(Setting.key == "music_videos_path").first()
    return stored_library((found[0] if found is not None else None) or "")
