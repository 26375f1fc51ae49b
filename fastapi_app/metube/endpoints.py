"""The routes of downloads as 0.9 knew them. Each is a job; nothing here waits for yt-dlp."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body, query_values
from fastapi_app.downloads.kinds import DOWNLOAD
from fastapi_app.downloads.submitting import submit_download
from fastapi_app.errors import BadRequest, Conflict, NotFound
from fastapi_app.jobs import changes
from fastapi_app.jobs.asking import Modifier, Reader, Told
from fastapi_app.jobs.states import CLAIMABLE, State
from fastapi_app.jobs.visibility import view_of
from fastapi_app.metube import cookies, queries, rules, schemas
from fastapi_app.models import Job, Video, now
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/metube", route_class=Route, tags=["downloads"])

_MANY = 500
"""From this many rows on, the answer is written in a thread."""
_REFUSED: dict[int | str, dict[str, Any]] = {400: {"model": schemas.Refusal, "description": "Why it was not done"}}


@router.get(
    "/queue",
    response_model=schemas.QueueList,
    responses=openapi.problems(),
    summary="Downloads that wait or run",
)
async def queue(session: Transaction, visitor: Reader) -> JSON:
    """The oldest first. Both executors' are here."""
    jobs = await queries.under_way(session, await view_of(visitor, session))
    items = await _items(jobs, await queries.library(session))
    return JSON({"queue": items, "count": len(items)})


@router.get(
    "/history",
    response_model=schemas.HistoryList,
    responses=openapi.problems(),
    openapi_extra=openapi.query(schemas.HistoryQuery),
    summary="Downloads that ended",
)
async def history(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """The newest first. It outlives the server."""
    limit = rules.limit(query_values(request))
    jobs = await queries.ended(session, await view_of(visitor, session), limit)
    items = await _items(jobs, await queries.library(session))
    return JSON({"history": items, "count": len(items)})


@router.post(
    "/download/music-video",
    response_model=schemas.Queued,
    responses={**openapi.problems(404, 415), **_REFUSED},
    openapi_extra=openapi.body(schemas.NewDownload),
    summary="Download any address",
)
async def download(request: Request, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """Hands the download in, unless the same is under way."""
    with rules.unsuccessful():
        wanted = rules.payload(await json_body(request))
        if wanted.video_id is not None and await session.get(Video, wanted.video_id) is None:
            raise NotFound("Video not found")
    made = await session.run_sync(partial(submit_download, payload=wanted, user_id=visitor.user_id))
    told.after_commit(session, made.job)
    return JSON({"success": True, "id": made.job.id, "message": f"Download queued: {wanted.title}"})


@router.post(
    "/download/{download_id:row}/stop",
    response_model=schemas.Done,
    responses={**openapi.problems(404), **_REFUSED},
    summary="Stop a download",
)
async def stop(download_id: int, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """One that waits ends at once, one that runs within seconds. One that ended is not found any more, as in 0.9."""
    with rules.unsuccessful():
        found = await queries.one(session, await view_of(visitor, session), download_id)
        if found is None:
            raise BadRequest(rules.NOT_FOUND)
        try:
            job = await changes.cancel(session, found.id)
        except (Conflict, NotFound):
            raise BadRequest(rules.NOT_FOUND) from None
    told.after_commit(session, job)
    return JSON({"success": True, "message": f"Download {download_id} stopped"})


@router.post(
    "/download/{download_id:row}/retry",
    response_model=schemas.Queued,
    responses={**openapi.problems(404, 409), **_REFUSED},
    summary="Try a download again",
)
async def retry(download_id: int, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """For one that failed or was stopped. It keeps its id. 409 while another download of the same film is under way."""
    with rules.unsuccessful():
        found = await queries.one(session, await view_of(visitor, session), download_id)
        if found is None or found.state not in (State.FAILED, State.CANCELLED):
            raise BadRequest(rules.NOT_RETRYABLE)
        job = await changes.retry(session, found.id)
    job.attempt_limit = DOWNLOAD.attempts  # legacy tries once
    told.after_commit(session, job)
    return JSON({"success": True, "id": job.id, "message": "Download queued again"})


@router.delete(
    "/history/clear",
    response_model=schemas.Cleared,
    responses=openapi.problems(),
    summary="Forget the downloads that ended",
)
async def clear_history(session: Transaction, visitor: Modifier) -> JSON:
    """Of those that the visitor sees. Their films and their rows stay."""
    deleted = await queries.forget(session, await view_of(visitor, session))
    return JSON({"success": True, "deleted_count": deleted})


@router.post(
    "/clear-stuck",
    response_model=schemas.ClearedStuck,
    responses={**openapi.problems(415), **_REFUSED},
    openapi_extra=openapi.body(schemas.Stuck),
    summary="Stop downloads that make no progress",
)
async def clear_stuck(request: Request, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """Those that have been running for so many minutes without a byte."""
    with rules.unsuccessful():
        minutes = rules.stuck_minutes(await json_body(request))
    since = now() - timedelta(minutes=minutes)
    found = await queries.stuck(session, await view_of(visitor, session), since)
    for job_id in found:
        told.after_commit(session, await changes.cancel(session, job_id))
    return JSON({"success": True, "cleared_count": len(found)})


@router.get(
    "/health",
    dependencies=[require(Access.READ)],
    response_model=schemas.Healthy,
    responses={**openapi.problems(), 503: {"model": schemas.Unhealthy, "description": "yt-dlp is not installed"}},
    summary="Whether downloads work",
)
async def health(request: Request, session: Transaction) -> JSON:
    """yt-dlp's version, how many downloads run and wait, and whether there are cookies."""
    installed = await to_thread.run_sync(_installed)
    if installed is None:
        return JSON({"status": "unhealthy", "error": "yt-dlp command failed"}, 503)
    numbers = await queries.numbers(session)
    found = await to_thread.run_sync(cookies.status, request.state.config)
    known = {} if found is None else {"file_path": cookies.STORED, **found}
    return JSON(
        {
            "status": "healthy",
            "version": installed,
            "active_downloads": numbers.get(State.RUNNING, 0),
            "queued_downloads": sum(numbers.get(state, 0) for state in CLAIMABLE),
            "cookie_status": {"cookies_available": found is not None, **known},
        }
    )


async def _items(jobs: Sequence[Job], library: str) -> list[dict[str, Any]]:
    def write() -> list[dict[str, Any]]:
        return [rules.item(job, library) for job in jobs]

    return await to_thread.run_sync(write) if len(jobs) >= _MANY else write()


@cache
def _installed() -> str | None:
    """yt-dlp's version. The package says it: loading it would cost the web process a second and much memory."""
    try:
        return rules.dotted(version("yt-dlp"))
    except PackageNotFoundError:
        return None
