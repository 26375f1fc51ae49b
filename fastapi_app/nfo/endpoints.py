"""The route of files for media servers."""

from typing import Annotated

from fastapi import APIRouter, Request

from fastapi_app import fields, openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import json_body
from fastapi_app.errors import BadRequest
from fastapi_app.nfo import handing_in, schemas
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local

router = APIRouter(prefix="/api/nfo", route_class=Route, tags=["naming"])


@router.post(
    "",
    status_code=202,
    response_model=schemas.Submitted,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.Wish),
    summary="Write NFO files and pictures",
)
async def write_all(
    request: Request, session: Transaction, visitor: Annotated[Visitor, require(Access.CONFIGURE)]
) -> JSON:
    """A job for all films, as the settings `write_nfo` and `write_artwork` say; or the one under way."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    replace = fields.boolean(body.get("replace"), "replace", default=False)
    made = await handing_in.for_all(request, session, replace=replace, user_id=visitor.user_id)
    location = local(request.scope, f"/api/jobs/{made.job.id}")
    return JSON({"created": made.created, "job_id": made.job.id}, 202, {"location": location})
