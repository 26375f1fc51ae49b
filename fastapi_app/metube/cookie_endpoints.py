"""The routes of the cookies with which YouTube is asked."""

from functools import partial

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.errors import Unavailable
from fastapi_app.metube import cookies, schemas
from fastapi_app.metube.rules import unsuccessful
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.thumbnails.uploads import received

router = APIRouter(prefix="/api/metube/cookies", route_class=Route, tags=["downloads"])

log = structlog.get_logger(__name__)


@router.post(
    "/upload",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.UploadedCookies,
    responses={
        **openapi.problems(),
        400: {"model": schemas.Refusal, "description": "Why it was not kept"},
        413: {"model": openapi.Problem, "description": "The file is too large"},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                }
            },
        }
    },
    summary="Keep cookies for YouTube",
)
async def upload(request: Request) -> JSON:
    """A file in Netscape's format, named .txt or .cookies. What was there stays until the new one is whole."""
    with unsuccessful():
        async with received(
            request, "file", "No file provided", most=cookies.MOST_BYTES, check_name=cookies.check_name
        ) as file:
            content = await file.read()
        await to_thread.run_sync(cookies.check, content)
    try:
        await to_thread.run_sync(partial(cookies.write, request.state.config, content))
    except OSError as error:
        raise _unwritable(error) from None
    return JSON({"success": True, "message": "Cookies uploaded successfully", "filename": cookies.NAME})


@router.get(
    "/status",
    dependencies=[require(Access.READ)],
    response_model=schemas.CookieStatus,
    responses=openapi.problems(),
    summary="Whether there are cookies",
)
async def status(request: Request) -> JSON:
    """And since when. Never what they say."""
    found = await to_thread.run_sync(cookies.status, request.state.config)
    if found is None:
        return JSON({"success": True, "cookies_available": False, "message": "No cookies file uploaded"})
    return JSON({"success": True, "cookies_available": True, "path": cookies.STORED, **found})


@router.delete(
    "/delete",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.Done,
    responses=openapi.problems(),
    summary="Remove the cookies",
)
async def delete(request: Request) -> JSON:
    """A success also where there are none."""
    try:
        removed = await to_thread.run_sync(cookies.remove, request.state.config)
    except OSError as error:
        raise _unwritable(error) from None
    message = "Cookies deleted successfully" if removed else "No cookies file to delete"
    return JSON({"success": True, "message": message})


def _unwritable(error: OSError) -> Unavailable:
    log.error("the folder of the cookies can't be written", reason=error.strerror)
    return Unavailable("The data folder can't be written")
