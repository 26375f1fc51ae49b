"""`GET /metrics`, for Prometheus."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.metrics.sharing import Sharing
from fastapi_app.route import Route

router = APIRouter(route_class=Route, tags=["system"])


@router.get(
    "/metrics",
    dependencies=[require(Access.PUBLIC)],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text"}},
    summary="Metrics for Prometheus",
)
async def metrics(request: Request) -> Response:
    """Counters, histograms and gauges of all web workers. They name routes and statuses, never paths or people.

    Jobs are everybody's, looked at a few seconds ago at most; without a database there is nothing about them.
    """
    sharing: Sharing = request.state.metrics
    jobs = request.app.state.job_metrics
    seen = await request.state.watch.look()
    async with sharing.turn:
        jobs.show(seen)
        try:
            text = await run_in_threadpool(sharing.text)
        finally:
            jobs.show(None)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
