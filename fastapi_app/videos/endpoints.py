"""The video routes."""

from collections.abc import Sequence
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body, query_values
from fastapi_app.caching.caches import Question, answered, tagged
from fastapi_app.caching.tags import Tag
from fastapi_app.errors import NotFound
from fastapi_app.media.content_type import needs_transcoding
from fastapi_app.media.file_response import FileResponse
from fastapi_app.media.lookup import Found, look_up
from fastapi_app.media.transcode import transcoded
from fastapi_app.models import INTEGER_MAX
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.thumbnails.serving import VIDEO_PLACEHOLDER, picture
from fastapi_app.transaction import Record, Transaction
from fastapi_app.videos import queries, rules, schemas
from fastapi_app.videos.changing import MISSING, change_video

router = APIRouter(prefix="/api/videos", route_class=Route, tags=["videos"])

FILE_MISSING = "Video file not found"
_TABLES = frozenset({Tag.VIDEOS, Tag.ARTISTS})
_MANY = 500
"""From this many rows on, the answer is written in a thread: it would keep the event loop for too long."""


@router.get(
    "/",
    dependencies=[require(Access.READ)],
    response_model=schemas.VideoList,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.VideoQuery),
    summary="Videos in order",
)
async def list_videos(request: Request, session: Transaction) -> Response:
    """Videos with the names of their artists. Without a limit it is the whole library."""
    wanted = rules.listing(query_values(request))
    question = Question("videos", _TABLES, wanted)
    return await answered(request, session, question, lambda: _list_of(session, wanted))


async def _list_of(session: AsyncSession, wanted: rules.Listing) -> JSON:
    total = await queries.count_videos(session)
    rows = await queries.listed_videos(session, wanted)
    if len(rows) >= _MANY:
        return await to_thread.run_sync(_list, rows, total, wanted)
    return _list(rows, total, wanted)


@router.get(
    "/{video_id:row}",
    dependencies=[require(Access.READ)],
    response_model=schemas.OneVideo,
    responses=openapi.problems(404),
    summary="One video",
)
async def get_video(video_id: int, request: Request, session: Transaction) -> Response:
    """One video with its genres."""
    row = await queries.one_video(session, video_id) if video_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(MISSING)
    return tagged(request, JSON({**_listed(row), "genres": row.genres}))


@router.put(
    "/{video_id:row}",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.UpdatedVideo,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.VideoChange),
    summary="Change a video",
)
async def update_video(video_id: int, request: Request, session: Transaction) -> JSON:
    """Changes the members that the body names, and with `move_file` renames the file after its new title or artist."""
    return JSON(await change_video(request, session, video_id, await json_body(request)))


@router.delete(
    "/{video_id:row}",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.DeletedVideo,
    responses=openapi.problems(404),
    summary="Forget a video",
)
async def delete_video(video_id: int, session: Transaction) -> JSON:
    """Deletes the rows of a video and its downloads. Its file and its picture stay."""
    row = await queries.one_video(session, video_id) if video_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(MISSING)
    await queries.delete_video(session, video_id)
    gone = {"id": row.id, "title": row.title, "artist_name": row.artist_name}
    return JSON({"message": "Video deleted successfully", "video": gone})


@router.get(
    "/{video_id:row}/stream",
    dependencies=[require(Access.READ)],
    response_class=Response,
    responses={
        **openapi.problems(416),
        200: {"description": "The file, or a live MP4 of an mkv or avi", "content": {"video/*": {}}},
        206: {"description": "The ranges asked for", "content": {"video/*": {}}},
        304: {"description": "The client has it already"},
        404: {"model": schemas.MissingFile, "description": "No such video, or no file"},
    },
    summary="Play a video",
)
async def stream(video_id: int, request: Request, session: Transaction) -> Response:
    """The video's file, with ranges and conditions. mkv and avi are turned into MP4 on the fly, without ranges.

    A downloaded video whose file is gone becomes wanted again, and its artist monitored.
    """
    stored = (await _files(session, video_id)).local_path
    if not stored:
        raise NotFound(FILE_MISSING)
    found = await look_up(request.state.config, stored)
    if found.file is None:
        raise await _missing(request, session, video_id, stored, found)
    if needs_transcoding(stored):
        await to_thread.run_sync(found.file.handle.close)
        return await transcoded(found.file.path, request.state.transcodes)
    return FileResponse(found.file, request.headers, name=found.name)


@router.get(
    "/{video_id:row}/thumbnail",
    dependencies=[require(Access.READ)],
    response_class=Response,
    responses={
        **openapi.problems(404, 416),
        200: {"description": "The picture", "content": {"image/*": {}}},
        206: {"description": "The ranges asked for", "content": {"image/*": {}}},
        304: {"description": "The client has it already"},
    },
    summary="The picture of a video",
)
async def thumbnail(video_id: int, request: Request, session: Transaction) -> Response:
    """The stored picture of a video, else a placeholder."""
    stored = (await _files(session, video_id)).thumbnail_path
    return await picture(request, [stored] if stored else [], VIDEO_PLACEHOLDER)


async def _files(session: AsyncSession, video_id: int) -> Record:
    row = await queries.files_of(session, video_id) if video_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(MISSING)
    return row


async def _missing(request: Request, session: AsyncSession, video_id: int, stored: str, found: Found) -> NotFound:
    """The answer for a file that is gone, after its row was told; outside the library and without it, nobody is."""
    if not found.is_gone:
        return NotFound(FILE_MISSING)
    await session.rollback()  # gives the reading connection back before one for writing is taken
    async with request.state.database.writing() as writer:
        await queries.want_again(writer, video_id, stored)
    message = "File has been marked as wanted and will be re-downloaded"
    return NotFound(FILE_MISSING, message=message, status="wanted")


def _list(rows: Sequence[Record], total: int, wanted: rules.Listing) -> JSON:
    offset = wanted.offset if wanted.limit is not None else 0
    return JSON(
        {
            "videos": [_listed(row) for row in rows],
            "count": len(rows),
            "total": total,
            "offset": offset,
            "limit": wanted.limit,
        }
    )


def _listed(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "artist_id": row.artist_id,
        "artist_name": row.artist_name,
        "status": row.status,
        "imvdb_id": row.imvdb_id,
        "video_url": row.url,
        "local_path": row.local_path,
        "thumbnail_url": row.thumbnail_url,
        "duration": row.duration,
        "year": row.year,
        "created_at": iso(row.created_at),
    }
