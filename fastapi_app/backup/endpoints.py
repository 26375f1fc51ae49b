"""The routes of backups: administrators only."""

from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.audit.events import Event
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.auth.visitor import Visitor
from fastapi_app.backup import desk, folder, schemas, telling
from fastapi_app.backup.manifest import Manifest
from fastapi_app.backup.payload import Backup
from fastapi_app.bodies import json_body
from fastapi_app.errors import BadField, BadRequest, NotFound
from fastapi_app.media.file_response import FileResponse, open_file
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local

router = APIRouter(prefix="/api/backups", route_class=Route, tags=["backups"])

Administrator = Annotated[Visitor, require(Access.ADMINISTER)]


@router.get("", response_model=schemas.BackupList, responses=openapi.problems(), summary="Backups")
async def list_backups(request: Request, _visitor: Administrator) -> JSON:
    """What is in the folder of backups."""
    home = folder.of(request.state.config)
    kept = await to_thread.run_sync(folder.listed, home)
    found = [{"name": each.name, "bytes": each.size, "at": iso(each.at.replace(tzinfo=None))} for each in kept]
    return JSON({"backups": found, "folder": str(home)})


@router.post(
    "",
    status_code=202,
    response_model=schemas.Submitted,
    responses=openapi.problems(400, 415),
    openapi_extra=openapi.body(schemas.NewBackup),
    summary="Make a backup",
)
async def make_backup(request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """A job; the one under way where there is one."""
    body = await json_body(request)
    with_secrets = body.get("with_secrets", True) if isinstance(body, dict) else None
    if not isinstance(with_secrets, bool):
        raise BadField("with_secrets", "true or false")
    made = await desk.begin(request, session, Backup(with_secrets=with_secrets), visitor)
    location = local(request.scope, f"/api/jobs/{made.job.id}")
    return JSON({"created": made.created, "job_id": made.job.id}, 202, {"location": location})


@router.post(
    "/upload",
    status_code=201,
    response_model=schemas.Checked,
    responses=openapi.problems(400),
    summary="Bring a backup",
)
async def upload_backup(request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """The body is the file. It is kept where it is whole."""
    await session.commit()  # a file takes its time, and SQLite has one writer
    name, told = await desk.receive(request, request.state.config)
    await _noted(request, Event.BACKUP_BROUGHT, visitor, name)
    return JSON(_checked(name, told), 201)


@router.get("/{name}", responses=openapi.problems(404), summary="Download a backup")
async def download_backup(request: Request, name: str, visitor: Administrator) -> Response:
    """The file. It holds what its name says: secrets, unless they were left out."""
    file = await to_thread.run_sync(open_file, await desk.path_of(request.state.config, name))
    if file is None:
        raise NotFound(desk.MISSING)
    if request.method == "GET" and "range" not in request.headers:
        await _noted(request, Event.BACKUP_DOWNLOADED, visitor, name)
    response = FileResponse(file, request.headers, name=name, media_type="application/gzip")
    response.headers["cache-control"] = "no-store"
    return response


@router.post(
    "/{name}/verify", response_model=schemas.Checked, responses=openapi.problems(400, 404), summary="Verify a backup"
)
async def verify_backup(request: Request, name: str, _visitor: Administrator) -> JSON:
    """Reads all of it, and proves that nothing is missing or changed."""
    return JSON(_checked(name, await desk.verify(request.state.config, name)))


@router.post(
    "/{name}/restore",
    response_model=schemas.Restored,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.Confirmation),
    summary="Restore a backup",
)
async def restore_backup(request: Request, name: str, session: Transaction, visitor: Administrator) -> Response:
    """Replaces the library by it; the library as it is is saved first. 409 says why nothing was changed.

    With `Accept: application/x-ndjson` the answer comes at once, and tells line by line how far it is.
    """
    await desk.path_of(request.state.config, name)
    body = await json_body(request)
    if not isinstance(body, dict) or body.get("confirm") != name:
        raise BadRequest("confirm must be the name of the backup")
    await session.rollback()  # SQLite has one writer: this request's own transaction would keep the restore out
    work = partial(desk.restore, request, name, visitor)
    if telling.is_wanted(request.headers.get("accept", "")):
        return telling.Telling(work)
    return JSON(await work())


@router.delete("/{name}", response_model=schemas.Deleted, responses=openapi.problems(404), summary="Delete a backup")
async def delete_backup(request: Request, name: str, session: Transaction, visitor: Administrator) -> JSON:
    """For good."""
    await desk.delete(request, session, name, visitor)
    return JSON({"success": True})


async def _noted(request: Request, event: Event, visitor: Visitor, name: str) -> None:
    """In a transaction of its own: the request's only reads, or has ended."""
    async with request.state.database.writing() as session:
        desk.note(request, session, event, visitor, name)


def _checked(name: str, told: Manifest) -> dict[str, Any]:
    return {
        "name": name,
        "made_at": told.made_at,
        "version": told.version,
        "dialect": told.dialect,
        "with_secrets": told.with_secrets,
        "rows": told.rows,
        "tables": len(told.tables),
        "thumbnails": told.pictures,
    }
