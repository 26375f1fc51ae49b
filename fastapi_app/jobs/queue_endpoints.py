"""The routes of queues, and of what works on them."""

from typing import Any

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.bodies import json_body
from fastapi_app.errors import NotFound, Unavailable
from fastapi_app.jobs import changes, rules, schemas, shown
from fastapi_app.jobs.afterwards import after_commit
from fastapi_app.jobs.asking import Configurer, Reader, Told
from fastapi_app.jobs.health import Heard, Link, findings, overview
from fastapi_app.jobs.states import Queue
from fastapi_app.jobs.watch import Watch, rows
from fastapi_app.models import JobQueue, now
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/jobs", route_class=Route, tags=["jobs"])

_PAUSED_BY_HAND = "Paused by hand"


@router.get("/health", response_model=schemas.JobHealth, responses=openapi.problems(), summary="How jobs fare")
async def job_health(request: Request, _visitor: Reader) -> JSON:
    """Workers, queues and Redis as they were at most five seconds ago, and what is wrong with them.

    200 when something is wrong too: the answer says what.
    """
    watch: Watch = request.state.watch
    seen = await watch.look()
    if seen is None:
        raise Unavailable
    return JSON(shown.health(seen, findings(seen)))


@router.get("/queues", response_model=schemas.Queues, responses=openapi.problems(), summary="The queues")
async def list_queues(session: Transaction, _visitor: Reader) -> JSON:
    """What waits on each, and which are paused, by whom or by what. Numbers count everybody's jobs."""
    seen = overview(Link.NONE, Heard(), await rows(session), now())
    return JSON({"queues": [shown.queue(load) for load in seen.loads]})


@router.post(
    "/queues/{queue}/pause",
    response_model=schemas.QueueChanged,
    responses=openapi.problems(400, 404, 415),
    openapi_extra=openapi.body(schemas.PauseReason, required=False),
    summary="Pause a queue",
)
async def pause_queue(queue: str, request: Request, session: Transaction, _visitor: Configurer) -> JSON:
    """Nothing more of it is begun; what runs goes on."""
    known = _known(queue)
    reason = rules.reason(await json_body(request)) if await request.body() else ""
    return _changed(await changes.pause_queue(session, known, reason or _PAUSED_BY_HAND))


@router.post(
    "/queues/{queue}/resume",
    response_model=schemas.QueueChanged,
    responses=openapi.problems(404),
    summary="Let a queue go on",
)
async def resume_queue(queue: str, session: Transaction, _visitor: Configurer, told: Told) -> JSON:
    """Also one that paused itself. Where the cause is still there, it pauses again with the next job."""
    known = _known(queue)
    row = await changes.resume_queue(session, known)
    after_commit(session, lambda: told.soon(known))
    return _changed(row)


@router.post(
    "/queues/{queue}/clear",
    response_model=schemas.QueueCleared,
    responses=openapi.problems(404),
    summary="Cancel what waits",
)
async def clear_queue(queue: str, session: Transaction, _visitor: Configurer, told: Told) -> JSON:
    """Cancels every job of the queue that is not running, everybody's."""
    known = _known(queue)
    cancelled = await changes.clear(session, known)
    for job in cancelled:
        told.after_commit(session, job)
    return JSON({"success": True, "queue": known, "cancelled": len(cancelled)})


def _known(queue: str) -> Queue:
    if queue not in Queue.__members__.values():
        raise NotFound("Queue not found")
    return Queue(queue)


def _changed(row: JobQueue) -> JSON:
    body: dict[str, Any] = {"success": True, "queue": row.name, "paused": row.paused_at is not None}
    return JSON({**body, "reason": row.reason})
