"""The routes that rename the files of the library."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import fields, openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.media.paths import Roots
from fastapi_app.models import INTEGER_MAX
from fastapi_app.naming import preferences
from fastapi_app.naming.endpoints import read_template
from fastapi_app.naming.template import Template
from fastapi_app.renames import desk, preview, queries, schemas
from fastapi_app.renames.shelf import Shelf, read_shelf
from fastapi_app.renames.states import State
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction
from fastapi_app.urls import local

router = APIRouter(prefix="/api/renames", route_class=Route, tags=["naming"])

Keeper = Annotated[Visitor, require(Access.CONFIGURE)]

_LATEST = 20
_PER_PAGE = 100


@router.post(
    "/preview",
    response_model=schemas.Preview,
    responses=openapi.problems(400, 415),
    openapi_extra=openapi.body(schemas.PreviewWish),
    summary="Try a renaming",
)
async def try_rename(request: Request, session: Transaction, _visitor: Keeper) -> JSON:
    """Films that would get another name, page by page. Changes nothing."""
    await session.rollback()  # a read begins nothing
    body = _object(await json_body(request))
    after = _whole(body.get("after", 0), "after")
    everything = fields.boolean(body.get("everything"), "everything", default=False)
    counts = fields.boolean(body.get("counts"), "counts", default=False)
    async with request.state.database.reading() as reader:
        template = await _template(reader, body)
        shelf = await library(request, reader)
        rows = await preview.read(reader, after, preview.LOOKED_AT)
        numbers = await preview.counted(reader, preview.Count(shelf, template)) if counts else None
    found = await to_thread.run_sync(_page, request, shelf, template, rows, everything)
    return JSON(
        {
            "template": template.text,
            "files": [line.told() for line in found.lines],
            "looked_at": found.looked,
            "after": found.after,
            "counts": numbers,
        }
    )


@router.get("", response_model=schemas.RenameList, responses=openapi.problems(), summary="Runs")
async def list_renames(session: Transaction, _visitor: Keeper) -> JSON:
    """The last runs, the newest first."""
    return JSON({"renames": await _told(session, await queries.latest(session, _LATEST))})


@router.post(
    "",
    status_code=202,
    response_model=schemas.Submitted,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.NewRename),
    summary="Rename files",
)
async def start_rename(request: Request, session: Transaction, visitor: Keeper) -> JSON:
    """A job that names every film of the library by a template."""
    body = _object(await json_body(request))
    keep = fields.boolean(body.get("keep"), "keep", default=False)
    template = await _template(session, body)
    made = await desk.start(request, session, template, visitor.user_id)
    if keep:
        await desk.keep_template(session, template)
    return _submitted(request, made.id, made.job_id)


@router.get("/{rename_id:row}", response_model=schemas.OneRename, responses=openapi.problems(404), summary="One run")
async def get_rename(rename_id: int, session: Transaction, _visitor: Keeper) -> JSON:
    """How far it is, and what became of its films."""
    (told,) = await _told(session, [await desk.known(session, rename_id)])
    return JSON(told)


@router.get(
    "/{rename_id:row}/files",
    response_model=schemas.FileList,
    responses=openapi.problems(400, 404),
    summary="Films of a run",
)
async def list_files(rename_id: int, request: Request, session: Transaction, _visitor: Keeper) -> JSON:
    """A page of them; `state` chooses some."""
    await desk.known(session, rename_id)
    values = query_values(request)
    state = values.get("state", "")
    if state and state not in set(State):
        raise BadField("state", f"one of {', '.join(State)}")
    after = fields.query_integer(values.get("after", "0"), "after", least=0)
    rows = await queries.files(session, rename_id, [State(state)] if state else [], after, _PER_PAGE + 1)
    shown = rows[:_PER_PAGE]
    return JSON({"files": [_file(row) for row in shown], "after": shown[-1].id if len(rows) > _PER_PAGE else None})


@router.post(
    "/{rename_id:row}/undo",
    status_code=202,
    response_model=schemas.Submitted,
    responses=openapi.problems(404, 409),
    summary="Take a renaming back",
)
async def undo_rename(rename_id: int, request: Request, session: Transaction, visitor: Keeper) -> JSON:
    """A job that gives the films of a run their old names again, as far as nobody moved them since."""
    made = await desk.undo(request, session, rename_id, visitor.user_id)
    return _submitted(request, made.id, made.job_id)


async def library(request: Request, session: AsyncSession) -> Shelf:
    """The folder that the settings name."""
    return await session.run_sync(read_shelf, Roots.of(request.state.config))


def _page(request: Request, shelf: Shelf, template: Template, rows: Sequence[Record], everything: bool) -> preview.Page:
    return preview.page(request.state.config, shelf, template, rows, everything=everything)


async def _template(session: AsyncSession, body: dict[str, Any]) -> Template:
    """The one that is named, else the one of the settings."""
    return read_template(body) if body.get("template") is not None else await preferences.read_async(session)


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    return body


def _whole(value: Any, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= INTEGER_MAX:
        raise BadField(field, f"a whole number between 0 and {INTEGER_MAX}")
    return value


def _submitted(request: Request, rename_id: int, job_id: int | None) -> JSON:
    location = local(request.scope, f"/api/renames/{rename_id}")
    return JSON({"rename_id": rename_id, "job_id": job_id}, 202, {"location": location})


async def _told(session: AsyncSession, rows: Sequence[Record]) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    counts, undone = await queries.counts(session, ids), await queries.undone_by(session, ids)
    return [_one(row, counts[row.id], undone.get(row.id)) for row in rows]


def _one(row: Record, counts: Mapping[State, int], undone_by: int | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "template": row.template,
        "undoes": row.undoes,
        "undone_by": undone_by,
        "job_id": row.job_id,
        "state": row.state,
        "percent": row.percent,
        "total": row.total,
        "unchanged": row.unchanged,
        "files": {state.value: number for state, number in counts.items()},
        "created_at": iso(row.created_at),
    }


def _file(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "video_id": row.video_id,
        "artist": row.artist,
        "title": row.title,
        "old": row.old_path,
        "new": row.new_path,
        "state": row.state,
        "reason": row.reason,
    }
