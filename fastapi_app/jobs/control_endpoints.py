"""The routes that do something to jobs."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.jobs import changes, queries, rules, schemas, shown
from fastapi_app.jobs.asking import Modifier, Told
from fastapi_app.jobs.dispatch import Messenger
from fastapi_app.jobs.visibility import View, view_of
from fastapi_app.models import Job
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/jobs", route_class=Route, tags=["jobs"])

MOST_RETRIED = 200
"""In one request."""

Change: TypeAlias = Callable[[AsyncSession, int], Awaitable[Job]]
_CHANGED: dict[str, Any] = {"response_model": schemas.Changed, "responses": openapi.problems(404, 409)}


@router.post("/{job_id:row}/cancel", summary="Cancel a job", **_CHANGED)
async def cancel_job(job_id: int, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """Ends a waiting job at once; a running one is asked to end, and does within seconds. Asking again is harmless."""
    return await _change(session, await view_of(visitor, session), told, job_id, changes.cancel)


@router.post("/{job_id:row}/retry", summary="Try a job again", **_CHANGED)
async def retry_job(job_id: int, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """A failed or cancelled job starts anew. 409 where another does the same by now."""
    return await _change(session, await view_of(visitor, session), told, job_id, changes.retry)


@router.post("/{job_id:row}/pause", summary="Pause a job", **_CHANGED)
async def pause_job(job_id: int, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """The job waits until somebody resumes it; what is there of a file is kept."""
    return await _change(session, await view_of(visitor, session), told, job_id, changes.pause)


@router.post("/{job_id:row}/resume", summary="Let a paused job go on", **_CHANGED)
async def resume_job(job_id: int, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """The job is queued again."""
    return await _change(session, await view_of(visitor, session), told, job_id, changes.resume)


@router.put(
    "/{job_id:row}/priority",
    response_model=schemas.Changed,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.NewPriority),
    summary="Change a job's priority",
)
async def change_priority(job_id: int, request: Request, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """Counts from the next time that a worker is free."""
    priority = rules.priority(rules.members(await json_body(request)).get("priority"))
    view = await view_of(visitor, session)

    async def set_priority(session: AsyncSession, job_id: int) -> Job:
        return await changes.set_priority(session, job_id, priority)

    return await _change(session, view, told, job_id, set_priority)


@router.post(
    "/reorder",
    response_model=schemas.Reordered,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.NewOrder),
    summary="Put waiting jobs in order",
)
async def reorder_jobs(request: Request, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """The named jobs change places among themselves. Between jobs of different priority the priority decides."""
    ids = rules.job_ids(await json_body(request))
    view = await view_of(visitor, session)
    if await queries.visible_ids(session, view, ids) != set(ids):
        raise NotFound(queries.NOT_FOUND)
    jobs = await changes.reorder(session, ids)
    for job in jobs:
        told.after_commit(session, job)
    return JSON({"success": True, "jobs": [shown.full_job(job) for job in jobs]})


@router.post("/retry-all", response_model=schemas.Retried, responses=openapi.problems(), summary="Retry what failed")
async def retry_all_jobs(session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """Every failed job that the visitor sees, the newest first, 200 in one request.

    Of several for the same subject the newest is retried.
    """
    view = await view_of(visitor, session)
    failed = await queries.failed_ids(session, view, MOST_RETRIED)
    retried = [job for job in [await _retried(session, job_id) for job_id in failed] if job is not None]
    for job in retried:
        told.after_commit(session, job)
    left = await queries.count_failed(session, view) - (len(failed) - len(retried))
    body = {"success": True, "retried": len(retried), "skipped": len(failed) - len(retried), "left": max(0, left)}
    return JSON(body)


@router.delete(
    "/history",
    response_model=schemas.Forgotten,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.HistoryQuery),
    summary="Clear the history",
)
async def clear_history(request: Request, session: Transaction, visitor: Modifier) -> JSON:
    """Removes ended jobs that the visitor sees: all, or those in the states named. Films and their rows stay."""
    states = rules.ended_states(query_values(request).get("state", ""))
    removed = await queries.forget(session, await view_of(visitor, session), states)
    return JSON({"success": True, "removed": removed})


async def _change(session: AsyncSession, view: View, told: Messenger, job_id: int, change: Change) -> JSON:
    await queries.one(session, view, job_id)
    job = await change(session, job_id)
    told.after_commit(session, job)
    return JSON({"success": True, "job": shown.full_job(job)})


async def _retried(session: AsyncSession, job_id: int) -> Job | None:
    """None for a job that can't be retried, because another one does the same or somebody was faster."""
    try:
        return await changes.retry(session, job_id)
    except (Conflict, NotFound):
        return None
