"""0.9's routes of the system, for administrators."""

from anyio import to_thread
from fastapi import APIRouter, Request

from fastapi_app import log_file, openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.system import lines, schemas, service

router = APIRouter(
    prefix="/admin/system", route_class=Route, tags=["system"], dependencies=[require(Access.ADMINISTER)]
)


@router.get(
    "/status/service", response_model=schemas.Service, responses=openapi.problems(), summary="How the process runs"
)
async def service_status() -> JSON:
    """By systemd, or by hand."""
    return JSON(service.described(await service.details()))


@router.get(
    "/logs/recent", response_model=schemas.RecentLines, responses=openapi.problems(), summary="The end of the log"
)
async def recent_lines(request: Request) -> JSON:
    """The last fifty lines that say something. What looks like a secret is masked."""
    path = log_file.path_of(request.state.config)
    entries = (await to_thread.run_sync(lines.read, path))[-lines.MOST :]
    return JSON({"log_entries": entries, "log_file": str(path), "entry_count": len(entries)})
