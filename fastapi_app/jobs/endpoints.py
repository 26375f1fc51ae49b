"""The routes of jobs: handing them in, and reading about them."""

from datetime import timedelta

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.requirement import logged_in
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import Conflict
from fastapi_app.jobs import queries, rules, schemas, shown
from fastapi_app.jobs.asking import Modifier, Reader, Told
from fastapi_app.jobs.catalogue import KINDS
from fastapi_app.jobs.handing_in import hand_in
from fastapi_app.jobs.metrics import JobMetrics
from fastapi_app.jobs.rules import Cursor
from fastapi_app.jobs.states import TERMINAL, State
from fastapi_app.jobs.tallies import tallied
from fastapi_app.jobs.visibility import view_of
from fastapi_app.models import now
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local

router = APIRouter(prefix="/api/jobs", route_class=Route, tags=["jobs"])

_POLL_SECONDS = "1"
_LATE = timedelta(seconds=5)
"""A transaction may end this much after the moment that it wrote down; changes so young are told twice."""
_DAY = timedelta(hours=24)


@router.post(
    "",
    status_code=202,
    response_model=schemas.Submitted,
    responses={200: {"model": schemas.Submitted}, **openapi.problems(400, 404, 409, 415)},
    openapi_extra=openapi.body(schemas.NewJob),
    summary="Hand in a job",
)
async def submit_job(request: Request, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """A row, and no more: a worker hears of it after the answer is certain.

    202 for a new job, 200 where one is under way for the same; 409 where that is somebody else's.
    """
    wish = rules.wish(await json_body(request))
    made = await hand_in(session, wish, visitor.user_id)
    if not made.created and not (await view_of(visitor, session)).shows(made.job.user_id):
        raise Conflict("Somebody else's job does this already")
    if made.created:
        told.after_commit(session, made.job)
    metrics: JobMetrics = request.app.state.job_metrics
    metrics.count(wish.kind, created=made.created)
    body = {"created": made.created, "job": shown.full_job(made.job)}
    location = local(request.scope, f"/api/jobs/{made.job.id}")
    return JSON(body, 202 if made.created else 200, {"location": location})


@router.get(
    "",
    response_model=schemas.JobList,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.ListQuery),
    summary="Jobs",
)
async def list_jobs(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """One's own jobs and those of nobody, the newest first; managers see everybody's."""
    wanted = rules.wanted(query_values(request), [kind.name for kind in KINDS])
    if wanted.mine:
        logged_in(request, visitor)
    view = await view_of(visitor, session)
    found = await queries.listed(session, view, wanted)
    more = found[-1].id if len(found) == wanted.limit else None
    jobs = [shown.job(row) for row in found]
    return JSON({"jobs": jobs, "count": await queries.count(session, view, wanted), "next": more})


@router.get("/stats", response_model=schemas.Stats, responses=openapi.problems(), summary="Numbers of jobs")
async def job_stats(session: Transaction, visitor: Reader) -> JSON:
    """Of those that the visitor sees."""
    view = await view_of(visitor, session)
    rows = await queries.tallies(session, view)
    return JSON(tallied(rows, await queries.ended_since(session, view, now() - _DAY)))


@router.get("/kinds", response_model=schemas.Kinds, responses=openapi.problems(), summary="Kinds of jobs")
async def list_kinds(_visitor: Reader) -> JSON:
    """What there is to do, and what each kind has to be given."""
    return JSON({"kinds": [shown.kind(kind) for kind in KINDS]})


@router.get(
    "/changes",
    response_model=schemas.Changes,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.ChangesQuery),
    summary="What changed",
)
async def list_changes(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """For pages that can't hold a socket: everything under way first, then what changed since.

    Removing from the history is no change.
    """
    since = rules.since(query_values(request).get("since", ""))
    view = await view_of(visitor, session)
    latest = Cursor(now() - _LATE)
    if since is None:
        found = await queries.under_way(session, view, rules.MOST_CHANGES)
    else:
        found = await queries.changed(session, view, since, rules.MOST_CHANGES)
    complete = since is None or len(found) < rules.MOST_CHANGES
    reached = latest if complete else Cursor(found[-1].updated_at, found[-1].id)
    return JSON({"jobs": [shown.job(row) for row in found], "since": str(reached), "complete": complete})


@router.get("/{job_id:row}", response_model=schemas.FullJob, responses=openapi.problems(404), summary="One job")
async def one_job(job_id: int, session: Transaction, visitor: Reader) -> JSON:
    """A job with what came of it."""
    return JSON(shown.full_job(await queries.one(session, await view_of(visitor, session), job_id)))


@router.get(
    "/{job_id:row}/progress",
    response_model=schemas.ProgressSince,
    responses=openapi.problems(400, 404),
    openapi_extra=openapi.query(schemas.ProgressQuery),
    summary="Where a job is",
)
async def job_progress(job_id: int, request: Request, session: Transaction, visitor: Reader) -> JSON:
    """For pages that can't hold a socket. With `since` it says whether there is news."""
    since = rules.sequence(query_values(request).get("since", ""))
    job = await queries.one(session, await view_of(visitor, session), job_id)
    return JSON({**shown.progress(job), "changed": since is None or job.sequence > since})


@router.get(
    "/{job_id:row}/result",
    response_model=schemas.Result,
    responses={202: {"model": schemas.Result}, **openapi.problems(404, 409)},
    summary="What a job answered",
)
async def job_result(job_id: int, session: Transaction, visitor: Reader) -> JSON:
    """200 with the result, 202 while there is none yet, 409 with the reason where there is none.

    409, because nothing is wrong with the request or the server: the state of the job collides with it, and a retry
    may bring a result yet. So not 410, which is for ever, nor 400 or 500, which a client would blame on somebody.
    """
    job = await queries.one(session, await view_of(visitor, session), job_id)
    state = State(job.state)
    if state is State.COMPLETED:
        body = {"job_id": job.id, "state": state, "result": job.result, "finished_at": iso(job.finished_at)}
        return JSON(body)
    if state in TERMINAL:
        reason = job.error_message or ("The job was cancelled" if state is State.CANCELLED else "The job failed")
        raise Conflict(reason, job_id=job.id, state=state, error_class=job.error_class)
    return JSON({"job_id": job.id, "state": state, "percent": job.percent}, 202, {"retry-after": _POLL_SECONDS})
