"""Is it alive, is it ready."""

from datetime import UTC, datetime

import structlog
from fastapi import APIRouter, Request
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.health.schemas import Alive, DatabaseHealth, Health, Ready, Status
from fastapi_app.jobs.health import findings
from fastapi_app.jobs.watch import Watch
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

CORE_TABLES = frozenset({"settings", "artists", "videos", "downloads", "users", "user_sessions"})
HEALTHY, UNHEALTHY = "healthy", "unhealthy"

log = structlog.get_logger(__name__)
router = APIRouter(route_class=Route, tags=["health"], dependencies=[require(Access.PUBLIC)])


@router.get("/api/health", response_model=Health, responses={503: {"model": Health}}, summary="Is the service up?")
async def health(session: Transaction) -> JSON:
    """Asks the database for a one. Docker's health check calls this."""
    if await _answers(session):
        return JSON({"status": HEALTHY, "service": "mvidarr"})
    return JSON({"status": UNHEALTHY, "error": "The database does not answer"}, 503)


@router.get("/api/health/status", response_model=Status, responses={503: {"model": Status}}, summary="Every component")
async def status(session: Transaction) -> JSON:
    """The state of each component, and of all together."""
    state = HEALTHY if await _answers(session) else UNHEALTHY
    body = {
        "status": state,
        "components": {"database": state, "api": HEALTHY},
        "timestamp": datetime.now(UTC).replace(tzinfo=None).isoformat(),
    }
    return JSON(body, 200 if state == HEALTHY else 503)


@router.get(
    "/api/health/database",
    response_model=DatabaseHealth,
    responses={503: {"model": DatabaseHealth}},
    summary="Is the database complete?",
)
async def database(session: Transaction) -> JSON:
    """Whether the database answers and holds the six tables that nothing works without."""
    try:
        connection = await session.connection()
        tables = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    except SQLAlchemyError:
        log.warning("the database does not answer")
        return JSON({"status": UNHEALTHY, "error": "The database does not answer"}, 503)
    missing = sorted(CORE_TABLES - tables)
    if missing:
        return JSON({"status": UNHEALTHY, "message": f"Missing tables: {', '.join(missing)}"}, 503)
    return JSON({"status": HEALTHY, "message": "Database is accessible and healthy"})


@router.get("/healthz", response_model=Alive, summary="Is the process alive?")
async def alive() -> JSON:
    """Always 200 while the event loop turns. Asks nothing of anybody."""
    return JSON({"status": "alive"})


@router.get("/readyz", response_model=Ready, responses={503: {"model": Ready}}, summary="May traffic come?")
async def ready(request: Request, session: Transaction) -> JSON:
    """200 when the database answers: pages work without workers. What is wrong with jobs is told beside it."""
    if not await _answers(session):
        return JSON({"status": "not ready"}, 503, headers={"retry-after": "2"})
    watch: Watch = request.state.watch
    seen = await watch.look()
    degraded = [finding.code for finding in findings(seen)] if seen is not None else []
    return JSON({"status": "ready", **({"degraded": degraded} if degraded else {})})


async def _answers(session: AsyncSession) -> bool:
    try:
        one: object = await session.scalar(text("SELECT 1"))
    except SQLAlchemyError:
        log.warning("the database does not answer")
        return False
    return one == 1
