"""The artist routes."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.artists import queries, rules, schemas
from fastapi_app.artists.changing import MISSING, add_artist, change_artist
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body, query_values
from fastapi_app.caching.caches import Question, answered, tagged
from fastapi_app.caching.tags import Tag
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.fields import query_flag
from fastapi_app.models import INTEGER_MAX, Artist
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.thumbnails.files import remove
from fastapi_app.thumbnails.rules import files_of
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/artists", route_class=Route, tags=["artists"])

_TABLES = frozenset({Tag.ARTISTS, Tag.VIDEOS})


@router.get(
    "/",
    dependencies=[require(Access.READ)],
    response_model=schemas.ArtistPage,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.ArtistQuery),
    summary="A page of artists",
)
async def list_artists(request: Request, session: Transaction) -> Response:
    """Artists in pages, found by part of the name, each with its number of videos."""
    wanted = rules.listing(query_values(request))
    question = Question("artists", _TABLES, wanted)
    return await answered(request, session, question, lambda: _page_of(session, wanted))


async def _page_of(session: AsyncSession, wanted: rules.Listing) -> JSON:
    total = await queries.count_artists(session, wanted)
    rows = await queries.page_of_artists(session, wanted)
    return JSON(
        {
            "artists": [_listed(row) for row in rows],
            "count": len(rows),
            "total": total,
            "page": wanted.page,
            "per_page": wanted.per_page,
            "pages": rules.pages(total, wanted.per_page),
        }
    )


@router.post(
    "/",
    dependencies=[require(Access.MODIFY)],
    status_code=201,
    response_model=schemas.CreatedArtist,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.NewArtist),
    summary="Track an artist",
)
async def create_artist(request: Request, session: Transaction) -> JSON:
    """Tracks a new artist. A name that differs only in case or accents is already taken."""
    artist = await add_artist(session, await json_body(request))
    return JSON({"id": artist.id, "name": artist.name, "message": "Artist added successfully"}, 201)


@router.get(
    "/{artist_id:row}",
    dependencies=[require(Access.READ)],
    response_model=schemas.OneArtist,
    responses=openapi.problems(404),
    summary="One artist",
)
async def get_artist(artist_id: int, request: Request, session: Transaction) -> Response:
    """One artist with the number of videos."""
    row = await queries.one_artist(session, artist_id) if artist_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(MISSING)
    body = {
        "id": row.id,
        "name": row.name,
        "imvdb_id": row.imvdb_id,
        "thumbnail_url": row.thumbnail_url,
        "auto_download": row.auto_download,
        "keywords": row.keywords,
        "monitored": row.monitored,
        "metadata": "MetaData()",
        "genres": row.genres,
        "video_count": row.video_count,
        "created_at": iso(row.created_at),
    }
    return tagged(request, JSON(body))


@router.put(
    "/{artist_id:row}/settings",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.UpdatedArtist,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.ArtistChange),
    summary="Change an artist",
)
async def update_settings(artist_id: int, request: Request, session: Transaction) -> JSON:
    """Changes the members that the body names. 409 tells which artist already has the IMVDb id."""
    return await _update(artist_id, request, session)


@router.put(
    "/{artist_id:row}",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.UpdatedArtist,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.ArtistChange),
    summary="Change an artist (older address)",
)
async def update_artist(artist_id: int, request: Request, session: Transaction) -> JSON:
    """The same as `PUT /api/artists/{artist_id}/settings`."""
    return await _update(artist_id, request, session)


@router.delete(
    "/{artist_id:row}",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.DeletedArtist,
    responses=openapi.problems(404, 409),
    openapi_extra=openapi.query(schemas.ForceQuery),
    summary="Forget an artist",
)
async def delete_artist(artist_id: int, request: Request, session: Transaction) -> JSON:
    """Deletes an artist with its rows and its pictures. Video files stay. With videos it needs `force`."""
    artist = await queries.locked_artist(session, artist_id) if artist_id <= INTEGER_MAX else None
    if artist is None:
        raise NotFound(MISSING)
    name, pictures = artist.name, files_of(artist.thumbnail_path, artist.thumbnail_metadata)
    videos, downloads = await queries.dependents(session, artist_id)
    if videos and not query_flag(query_values(request).get("force")):
        raise _has_videos(name, videos, downloads)
    session.expunge(artist)
    await queries.delete_artist(session, artist_id)
    # The pictures go after the answer, and so after the commit: a failed deletion leaves them where they are.
    after = BackgroundTask(remove, request.state.config, pictures) if pictures else None
    gone = {"artist_id": artist_id, "artist_name": name, "videos_deleted": videos, "downloads_deleted": downloads}
    answer = {"success": True, "message": f'Artist "{name}" deleted successfully', "deleted_data": gone}
    return JSON(answer, background=after)


async def _update(artist_id: int, request: Request, session: AsyncSession) -> JSON:
    artist = await change_artist(session, artist_id, await json_body(request))
    return JSON({"success": True, "message": "Artist settings updated successfully", "artist": _settings(artist)})


def _has_videos(name: str, videos: int, downloads: int) -> Conflict:
    return Conflict(
        f'Artist "{name}" has videos; delete them too with force=true',
        details={
            "video_count": videos,
            "download_count": downloads,
            "message": f"This artist has {videos} videos and {downloads} downloads",
        },
    )


def _listed(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "imvdb_id": row.imvdb_id,
        "thumbnail_url": row.thumbnail_url,
        "auto_download": row.auto_download,
        "keywords": row.keywords,
        "monitored": row.monitored,
        "created_at": iso(row.created_at),
        "video_count": row.video_count,
        "has_thumbnail": bool(row.thumbnail_url or row.thumbnail_path),
        "has_imvdb_data": bool(row.imvdb_id),
    }


def _settings(artist: Artist) -> dict[str, Any]:
    return {
        "id": artist.id,
        "name": artist.name,
        "imvdb_id": artist.imvdb_id,
        "folder_path": artist.folder_path,
        "keywords": artist.keywords or [],
        "monitored": artist.monitored,
        "auto_download": artist.auto_download,
        "updated_at": iso(artist.updated_at),
    }
