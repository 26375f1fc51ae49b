"""The video routes."""

from collections.abc import Sequence
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.artists.queries import artist_named, recount_genres
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.media.content_type import needs_transcoding
from fastapi_app.media.file_response import FileResponse
from fastapi_app.media.lookup import Found, look_up
from fastapi_app.media.transcode import transcoded
from fastapi_app.models import INTEGER_MAX, Artist, Video
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.thumbnails.serving import VIDEO_PLACEHOLDER, picture
from fastapi_app.transaction import Record, Transaction
from fastapi_app.videos import queries, rules, schemas
from fastapi_app.videos.moving import commit_with_file

router = APIRouter(prefix="/api/videos", route_class=Route, tags=["videos"])

MISSING = "Video not found"
FILE_MISSING = "Video file not found"
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
async def list_videos(request: Request, session: Transaction) -> JSON:
    """Videos with the names of their artists. Without a limit it is the whole library."""
    wanted = rules.listing(query_values(request))
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
async def get_video(video_id: int, session: Transaction) -> JSON:
    """One video with its genres."""
    row = await queries.one_video(session, video_id) if video_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(MISSING)
    return JSON({**_listed(row), "genres": row.genres})


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
    body = await json_body(request)
    changes = rules.changes(body)
    artist_name = rules.new_artist_name(body)
    if video_id > INTEGER_MAX:
        raise NotFound(MISSING)
    if "genres" in changes:  # the artist's genres are counted anew: artist before video, as everybody locks them
        await queries.lock_artist_of(session, video_id)
    video = await queries.locked_video(session, video_id)
    if video is None:
        raise NotFound(MISSING)
    before = (video.title, video.artist_id)
    for column, value in changes.items():
        setattr(video, column, value)
    artist = await _artist_of(session, video, artist_name)
    await _flush(session)
    if "genres" in changes and artist is not None:
        await queries.lock_artist(session, artist.id)  # another one, if the video went to it meanwhile
        artist.genres = await recount_genres(session, artist.id)
        await session.flush()
    renames = bool(body.get("move_file")) and video.local_path and before != (video.title, video.artist_id)
    name = artist.name if artist else None
    moved = bool(renames) and await commit_with_file(session, request.state.config, video, name or "")
    return JSON({**_one(video, name), "file_moved": moved})


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


async def _artist_of(session: AsyncSession, video: Video, wanted: str | None) -> Artist | None:
    """The video's artist, after it was given to `wanted`, who is made where unknown."""
    if wanted is None:
        return await queries.artist_of(session, video.artist_id)
    artist = await artist_named(session, wanted)
    if artist is None:
        artist = Artist(name=wanted)
        session.add(artist)
        await _flush(session)
    video.artist_id = artist.id
    return artist


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError:
        raise Conflict("Another video already has this imvdb_id") from None


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


def _one(video: Video, artist_name: str | None) -> dict[str, Any]:
    return {
        "id": video.id,
        "title": video.title,
        "artist_id": video.artist_id,
        "artist_name": artist_name,
        "status": video.status,
        "imvdb_id": video.imvdb_id,
        "video_url": video.url,
        "local_path": video.local_path,
        "thumbnail_url": video.thumbnail_url,
        "duration": video.duration,
        "year": video.year,
        "genres": video.genres,
        "created_at": iso(video.created_at),
    }
