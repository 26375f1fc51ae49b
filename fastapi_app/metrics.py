"""What Prometheus may read: counts and times of requests, from the registry that the process shares."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.route import Route

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class RequestMetrics:
    """Requests by route template, so that the number of series is bounded by the number of routes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "mvidarr_requests_total", "Requests answered", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "mvidarr_request_seconds", "Time to the end of the answer", ("route",), buckets=_BUCKETS, registry=registry
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


def registry_of(request: Request) -> CollectorRegistry:
    registry: CollectorRegistry = request.app.state.registry
    return registry


router = APIRouter(route_class=Route, tags=["system"])


@router.get(
    "/metrics",
    dependencies=[require(Access.PUBLIC)],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text"}},
    summary="Metrics for Prometheus",
)
async def metrics(request: Request, registry: Annotated[CollectorRegistry, Depends(registry_of)]) -> Response:
    """Counters and histograms of this process. They name routes and statuses, never paths or people.

    Jobs are everybody's, looked at a few seconds ago at most; without a database there is nothing about them.
    """
    request.app.state.job_metrics.show(await request.state.watch.look())
    return Response(await run_in_threadpool(generate_latest, registry), media_type=CONTENT_TYPE_LATEST)
