"""The route that matches the files of the library to rows."""

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.media.paths import Roots
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.videos.scan import rules, schemas
from fastapi_app.videos.scan.scanning import scan_library

router = APIRouter(prefix="/api/videos", route_class=Route, tags=["videos"])


@router.post(
    "/scan-directories",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.Scanned,
    responses=openapi.problems(400, 404, 415),
    openapi_extra=openapi.body(schemas.ScanOrder),
    summary="Match the files of the library to videos",
)
async def scan_directories(request: Request, session: Transaction) -> JSON:
    """Films in the artists' folders that no video names, with the video that each seems to belong to.

    Without `dry_run` those videos get the film, unless they have one that is there. No row is made.
    """
    wanted = rules.scan(await json_body(request))
    await session.commit()  # what the login wrote; no lock is held while the disk is read
    return JSON(await scan_library(request.state.database, Roots.of(request.state.config), wanted))
