"""The routes of deletions that can be undone."""

from typing import Annotated, Any

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import json_body
from fastapi_app.deletions import acts, queries, rules, schemas
from fastapi_app.models import now
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/deletions", route_class=Route, tags=["deletions"])

Keeper = Annotated[Visitor, require(Access.MANAGE)]

MOST_LISTED = 100


@router.post(
    "",
    status_code=201,
    response_model=schemas.Made,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.Wanted),
    summary="Forget videos or artists for now",
)
async def delete(request: Request, session: Transaction, visitor: Keeper) -> JSON:
    """Deletes the rows of videos, or of artists with their videos, and keeps them for thirty days.

    Files and pictures stay.
    """
    done = await acts.delete(request, session, visitor, rules.asked(await json_body(request)))
    told = {"expires_at": iso(done.deletion.expires_at), "message": f"{done.amount} deleted"}
    return JSON({"id": done.id, "artists": done.artists, "videos": done.videos, **told}, 201)


@router.get(
    "",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.Deletions,
    responses=openapi.problems(),
    summary="What was deleted lately",
)
async def list_deletions(session: Transaction) -> JSON:
    """The latest hundred of those that are still kept, or were restored."""
    return JSON({"deletions": [_listed(row) for row in await queries.recent(session, now(), MOST_LISTED)]})


@router.post(
    "/{deletion_id:row}/restore",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.Restored,
    responses=openapi.problems(404, 409),
    summary="Bring back what was deleted",
)
async def restore(deletion_id: int, request: Request, session: Transaction) -> JSON:
    """Puts every row back under the id it had, or none: 409 tells what took its place meanwhile. No body is read."""
    done = await acts.restore(request, session, deletion_id)
    amount = done.amount or "Nothing"
    return JSON({"id": done.id, "artists": done.artists, "videos": done.videos, "message": f"{amount} restored"})


def _listed(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": rules.title(row.names, row.artists, row.videos),
        "artists": row.artists,
        "videos": row.videos,
        "username": row.username,
        "created_at": iso(row.created_at),
        "expires_at": iso(row.expires_at),
        "restored_at": iso(row.restored_at),
    }
