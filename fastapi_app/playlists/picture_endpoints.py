"""The routes of a playlist's picture."""

from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.bodies import json_body
from fastapi_app.errors import NotFound
from fastapi_app.models import Playlist
from fastapi_app.playlists import queries, reading, rules, schemas
from fastapi_app.playlists.asking import Modifier, Reader
from fastapi_app.playlists.changing import changing
from fastapi_app.playlists.standing import MISSING, standing_of
from fastapi_app.responses import JSON, redirect
from fastapi_app.route import Route
from fastapi_app.thumbnails import files
from fastapi_app.thumbnails import rules as naming
from fastapi_app.thumbnails.replacing import Change, abandoned, in_thread, make, replace
from fastapi_app.thumbnails.serving import NONE, PICTURE, TOO_LARGE, form, picture
from fastapi_app.thumbnails.uploads import received
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local

router = APIRouter(prefix="/api/playlists", route_class=Route, tags=["playlists"])

_ELSEWHERE: dict[int | str, dict[str, Any]] = {
    302: {"description": "Where the picture is: at the address that was set, or the first video's"}
}


@router.get(
    "/{playlist_id:row}/thumbnail",
    response_class=Response,
    responses={**openapi.problems(404, 416), **PICTURE, **_ELSEWHERE},
    summary="The picture of a playlist",
)
async def thumbnail(playlist_id: int, request: Request, visitor: Reader, session: Transaction) -> Response:
    """The uploaded one, else the way to the address that was set, else to the picture of the first video with one."""
    standing = await standing_of(session, visitor)
    row = standing.seen(await reading.row_of(session, playlist_id))
    if row.thumbnail_path:
        return await picture(request, [row.thumbnail_path])
    if row.thumbnail_url:
        return redirect(row.thumbnail_url)
    video_id = await queries.first_pictured(session, playlist_id)
    if video_id is None:
        raise NotFound(NONE)
    return redirect(local(request.scope, f"/api/videos/{video_id}/thumbnail"))


@router.post(
    "/{playlist_id:row}/thumbnail/upload",
    response_model=schemas.ChangedPicture,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.PictureChange),
    summary="Set the picture of a playlist by address, or remove it",
)
async def set_address(playlist_id: int, request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """Keeps an address, which is not asked now; null forgets the picture. Either way an uploaded file goes."""
    address = rules.picture_address(await json_body(request))
    async with changing(request, session, visitor, playlist_id) as (own, playlist):
        old = await abandoned(own, playlist)
        playlist.thumbnail_url, playlist.thumbnail_path = address, None
        playlist.thumbnail_source = "manual" if address is not None else None
        playlist.thumbnail_metadata = playlist.thumbnail_uploaded_at = None
    # The files go after the answer, and so after the commit: a failed change leaves them where they are.
    after = BackgroundTask(files.remove, request.state.config, old) if old else None
    done = "Thumbnail removed successfully" if address is None else "Thumbnail URL updated successfully"
    return JSON({"message": done, "thumbnail_url": address}, background=after)


@router.post(
    "/{playlist_id:row}/thumbnail/file",
    response_model=schemas.UploadedPicture,
    responses={**openapi.problems(400, 404), **TOO_LARGE},
    openapi_extra=form("file"),
    summary="Upload a picture of a playlist",
)
async def upload(playlist_id: int, request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """Keeps the picture as JPEG in four sizes, and forgets the one before."""
    standing = await standing_of(session, visitor)
    row = standing.changed(await reading.row_of(session, playlist_id))
    await session.rollback()  # nobody else waits while the picture comes in
    async with received(request, "file", "No file provided") as file:
        moment = datetime.now(UTC).replace(tzinfo=None)
        names = naming.Naming("playlists", row.name, moment, token_hex(4))
        sent = (file.file, file.size or 0, naming.plain_name(file.filename or ""))
        made = await in_thread(request.state.pictures, make, request.state.config, names, *sent)
        change = Change(Playlist, playlist_id, MISSING)
        await replace(request.state.database, request.state.config, made, change)
    address = local(request.scope, f"/api/playlists/{playlist_id}/thumbnail")
    done = "Thumbnail uploaded successfully"
    return JSON({"message": done, "thumbnail_url": address, "metadata": made.metadata})
