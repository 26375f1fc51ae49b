"""The picture routes of videos. Their picture itself is sent by the routes of `videos`."""

from datetime import UTC, datetime
from secrets import token_hex

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.errors import NotFound
from fastapi_app.models import INTEGER_MAX, Video
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.thumbnails import files, queries, rules, schemas
from fastapi_app.thumbnails.replacing import Change, abandoned, in_thread, make, replace
from fastapi_app.thumbnails.serving import TOO_LARGE, described, form, stored_picture
from fastapi_app.thumbnails.uploads import received
from fastapi_app.transaction import Transaction
from fastapi_app.videos.queries import locked_video

router = APIRouter(prefix="/api/videos", route_class=Route, tags=["videos"])

MISSING = "Video not found"
_NO_FILE = "No file provided"


@router.put(
    "/{video_id:row}/thumbnail",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.Done,
    responses=openapi.problems(400, 404, 415),
    openapi_extra=openapi.body(schemas.VideoPictureChange),
    summary="Set the picture of a video by address, or remove it",
)
async def change(video_id: int, request: Request, session: Transaction) -> JSON:
    """Keeps an address, which is not asked now, or forgets the picture. Either way the stored file goes."""
    address = rules.video_address(await json_body(request))
    video = await locked_video(session, video_id) if video_id <= INTEGER_MAX else None
    if video is None:
        raise NotFound(MISSING)
    old = await abandoned(session, video)
    video.thumbnail_url, video.thumbnail_path = address, None
    video.thumbnail_source = "manual" if address is not None else None
    if address is None:
        video.thumbnail_metadata = video.thumbnail_uploaded_at = None
    await session.flush()
    # The files go after the answer, and so after the commit: a failed change leaves them where they are.
    after = BackgroundTask(files.remove, request.state.config, old)
    done = "Thumbnail removed successfully" if address is None else "Thumbnail URL updated successfully"
    return JSON({"message": done}, background=after)


@router.post(
    "/{video_id:row}/thumbnail/upload",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.UploadedVideoPicture,
    responses={**openapi.problems(400, 404), **TOO_LARGE},
    openapi_extra=form("file"),
    summary="Upload a picture of a video",
)
async def upload(video_id: int, request: Request, session: Transaction) -> JSON:
    """Keeps the picture as JPEG in four sizes, and forgets the one before."""
    row = await queries.titled_video(session, video_id) if video_id <= INTEGER_MAX else None
    await session.rollback()  # nobody else waits while the picture comes in
    async with received(request, "file", _NO_FILE) as file:
        if row is None:
            raise NotFound(MISSING)
        moment = datetime.now(UTC).replace(tzinfo=None)
        naming = rules.Naming("videos", f"{row.name or 'Unknown'}_{row.title}", moment, token_hex(4))
        sent = (file.file, file.size or 0, rules.plain_name(file.filename or ""))
        made = await in_thread(request.state.pictures, make, request.state.config, naming, *sent)
        await replace(request.state.database, request.state.config, made, Change(Video, video_id, MISSING))
    done = "Thumbnail uploaded successfully"
    return JSON({"message": done, "thumbnail_path": made.path, "metadata": made.metadata})


@router.get(
    "/{video_id:row}/thumbnail/info",
    dependencies=[require(Access.READ)],
    response_model=schemas.VideoPictureInfo,
    responses=openapi.problems(404),
    summary="Facts about the picture of a video",
)
async def info(video_id: int, request: Request, session: Transaction) -> JSON:
    """What the row says of the picture, and what its file says where there is one that can be read."""
    row = await stored_picture(session, Video, video_id, MISSING)
    said, facts = await described(request, row)
    return JSON({**said, "thumbnail_metadata": row.thumbnail_metadata, **(facts or {})})
