"""The routes of rows of downloads: what 0.9's tables say of them, and of the jobs behind."""

from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.jobs import changes
from fastapi_app.jobs.asking import Told
from fastapi_app.jobs.dispatch import Messenger
from fastapi_app.models import INTEGER_MAX
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction
from fastapi_app.videos.downloads import queries, rules, schemas

router = APIRouter(prefix="/api/videos/downloads", route_class=Route, tags=["downloads"])


@router.get(
    "/queue",
    dependencies=[require(Access.READ)],
    response_model=schemas.Rows,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.RowsQuery),
    summary="Rows of downloads",
)
async def list_rows(request: Request, session: Transaction) -> JSON:
    """The most urgent and oldest first, with counts of the whole table."""
    rows = await queries.listed(session, rules.listing(query_values(request)))
    statistics = rules.statistics(await queries.counts(session))

    def write() -> JSON:
        shown = [_row(row) for row in rows]
        more = {"statistics": statistics, "priority_levels": rules.levels()}
        return JSON({"queue": shown, "count": len(shown), **more})

    return await to_thread.run_sync(write) if len(rows) > rules.MANY else write()


@router.put(
    "/{download_id:row}/priority",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.ChangedPriority,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.NewPriority),
    summary="Change the priority of a download",
)
async def set_priority(download_id: int, request: Request, session: Transaction, told: Told) -> JSON:
    """Of one that waits or failed. The next free worker goes by it."""
    new = rules.new_priority(await json_body(request))
    row = await queries.locked_download(session, download_id) if download_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(rules.MISSING)
    rules.check_changeable(row.status)
    old, row.priority = row.priority, new
    await _hurry(session, told, download_id, new)
    label = rules.label(new)
    changed = {"id": row.id, "title": row.title, "old_priority": old, "new_priority": new, "priority_label": label}
    message = f"Priority updated from {rules.label(old)} to {label}"
    return JSON({"success": True, "message": message, "download": changed})


async def _hurry(session: AsyncSession, told: Messenger, download_id: int, priority: int) -> None:
    """Lets the jobs behind the row go by its priority."""
    for job_id in await queries.waiting_jobs(session, download_id):
        try:
            job = await changes.set_priority(session, job_id, priority)
        except (Conflict, NotFound):  # it ended meanwhile
            continue
        told.after_commit(session, job)


def _row(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "artist_name": row.artist_name if row.artist_name is not None else "Unknown",
        "artist_id": row.artist_id,
        "video_id": row.video_id,
        "status": row.status,
        "priority": row.priority,
        "priority_label": rules.label(row.priority),
        "progress": row.progress,
        "file_size": row.file_size,
        "quality": row.quality,
        "format": row.format,
        "download_date": iso(row.download_date),
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "error_message": row.error_message,
        "metube_id": row.metube_id,
        "estimated_time_remaining": rules.remaining(row.status, row.progress),
        "can_modify_priority": row.status in rules.CHANGEABLE,
    }
