"""The picture routes of artists."""

from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.artists.changing import MISSING
from fastapi_app.artists.queries import locked_artist
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.errors import BadRequest, NotFound
from fastapi_app.models import INTEGER_MAX, Artist
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.thumbnails import files, queries, rules, schemas
from fastapi_app.thumbnails.replacing import Change, Made, abandoned, in_thread, make, make_crop, replace
from fastapi_app.thumbnails.serving import (
    ARTIST_PLACEHOLDER,
    PICTURE,
    TOO_LARGE,
    described,
    form,
    picture,
    stored_picture,
)
from fastapi_app.thumbnails.uploads import received
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/artists", route_class=Route, tags=["artists"])

_NO_FILE = "No thumbnail file provided"
_NOT_FETCHED = "Failed to download thumbnail from URL"


@router.get(
    "/thumbnail-stats",
    dependencies=[require(Access.READ)],
    response_model=schemas.PictureStatistics,
    responses=openapi.problems(),
    summary="How much room pictures take",
)
async def statistics(request: Request, session: Transaction) -> JSON:
    """The files in the picture folder, and how many artists and videos have a picture."""
    counted = await queries.coverage(session)
    await session.rollback()  # gives the connection back before the walk through the folder
    storage = await to_thread.run_sync(
        files.storage, request.state.config, tuple(rules.SIZES), limiter=request.state.pictures
    )
    moment = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return JSON({"storage": storage, "database": _coverage(counted), "last_updated": moment})


@router.get(
    "/{artist_id:row}/thumbnail",
    dependencies=[require(Access.READ)],
    response_class=Response,
    responses={**openapi.problems(404, 416), **PICTURE},
    summary="The picture of an artist",
)
async def thumbnail(artist_id: int, request: Request, session: Transaction) -> Response:
    """The stored picture, else a placeholder."""
    row = await stored_picture(session, Artist, artist_id, MISSING)
    return await picture(request, [row.thumbnail_path] if row.thumbnail_path else [], ARTIST_PLACEHOLDER)


@router.put(
    "/{artist_id:row}/thumbnail",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.ChangedArtistPicture,
    responses=openapi.problems(400, 404, 415),
    openapi_extra=openapi.body(schemas.ArtistPictureChange),
    summary="Remove the picture of an artist",
)
async def change(artist_id: int, request: Request, session: Transaction) -> JSON:
    """Removes the picture. Addresses are refused until pictures can be fetched from them; nothing changes then."""
    removes = rules.artist_removal(await json_body(request))
    artist = await locked_artist(session, artist_id) if artist_id <= INTEGER_MAX else None
    if artist is None:
        raise NotFound(MISSING)
    if not removes:
        raise BadRequest(_NOT_FETCHED)
    old = await abandoned(session, artist)
    artist.thumbnail_url = artist.thumbnail_path = None
    await session.flush()
    told = {"id": artist.id, "name": artist.name, "thumbnail_url": None, "thumbnail_path": None}
    # The files go after the answer, and so after the commit: a failed removal leaves them where they are.
    after = BackgroundTask(files.remove, request.state.config, old)
    answer = {"success": True, "message": "Thumbnail removed successfully", "artist": told}
    return JSON(answer, background=after)


@router.post(
    "/{artist_id:row}/thumbnail/upload",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.UploadedArtistPicture,
    responses={**openapi.problems(400, 404), **TOO_LARGE},
    openapi_extra=form("thumbnail"),
    summary="Upload a picture of an artist",
)
async def upload(artist_id: int, request: Request, session: Transaction) -> JSON:
    """Keeps the picture as JPEG in four sizes, and forgets the one before."""
    row = await _named(session, artist_id)
    await session.rollback()  # nobody else waits while the picture comes in
    async with received(request, "thumbnail", _NO_FILE) as file:
        sent = (file.file, file.size or 0, rules.plain_name(file.filename or ""))
        made = await in_thread(request.state.pictures, make, request.state.config, _naming(row.name), *sent)
        await replace(request.state.database, request.state.config, made, Change(Artist, artist_id, MISSING))
    answer = _told(f"Thumbnail uploaded successfully for {row.name}", made)
    return JSON({**answer, "sizes_generated": list(rules.SIZES)})


@router.post(
    "/{artist_id:row}/thumbnail/crop",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.CroppedPicture,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.CropBox),
    summary="Cut the picture of an artist anew",
)
async def crop(artist_id: int, request: Request, session: Transaction) -> JSON:
    """Keeps a part of the stored picture, in four sizes, and forgets the rest."""
    box = rules.crop_box(await json_body(request))
    row = await _named(session, artist_id)
    await session.rollback()  # nobody else waits while the picture is cut
    stored = rules.candidates(row.thumbnail_path, row.thumbnail_metadata, "original")
    made = await in_thread(request.state.pictures, make_crop, request.state.config, _naming(row.name), stored, box)
    wanted = Change(Artist, artist_id, MISSING, cropped_from=row.thumbnail_path)
    await replace(request.state.database, request.state.config, made, wanted)
    answer = _told(f"Thumbnail cropped successfully for {row.name}", made)
    return JSON({**answer, "crop_box": list(box)})


@router.get(
    "/{artist_id:row}/thumbnail/info",
    dependencies=[require(Access.READ)],
    response_model=schemas.ArtistPictureInfo,
    responses=openapi.problems(404),
    summary="Facts about the picture of an artist",
)
async def info(artist_id: int, request: Request, session: Transaction) -> JSON:
    """What the row and the file say of the picture."""
    row = await stored_picture(session, Artist, artist_id, MISSING)
    said, facts = await described(request, row)
    return JSON({**said, "metadata": row.thumbnail_metadata, "file_info": facts})


@router.get(
    "/{artist_id:row}/thumbnail/{size}",
    dependencies=[require(Access.READ)],
    response_class=Response,
    responses={**openapi.problems(400, 404, 416), **PICTURE},
    summary="The picture of an artist in one size",
)
async def sized(artist_id: int, size: str, request: Request, session: Transaction) -> Response:
    """Small, medium, large or original; the main picture where there is no such size.

    A picture that is only known by its address has not been fetched yet, and is a placeholder until then.
    """
    rules.check_size(size)
    row = await stored_picture(session, Artist, artist_id, MISSING)
    stored = rules.candidates(row.thumbnail_path, row.thumbnail_metadata, size)
    return await picture(request, stored, ARTIST_PLACEHOLDER if row.thumbnail_url else "")


async def _named(session: Transaction, artist_id: int) -> Record:
    row = await queries.named_artist(session, artist_id) if artist_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(MISSING)
    return row


def _naming(name: str) -> rules.Naming:
    return rules.Naming("artists", name, datetime.now(UTC).replace(tzinfo=None), token_hex(4))


def _told(message: str, made: Made) -> dict[str, Any]:
    return {
        "success": True,
        "message": message,
        "thumbnail_path": made.path,
        "upload_id": made.naming.token,
        "metadata": made.metadata,
    }


def _coverage(counted: dict[str, int]) -> dict[str, Any]:
    def part(of: str) -> dict[str, Any]:
        total, covered = counted[of], counted[f"{of}_with"]
        return {
            "total": total,
            "with_thumbnails": covered,
            "coverage_percentage": rules.share(covered, total),
        }

    by_source = {source: counted[source] for source in queries.SOURCES}
    return {"artists": {**part("artists"), "by_source": by_source}, "videos": part("videos")}
