"""The routes that find films and give them rows."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import PurePosixPath

from anyio import to_thread
from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import BadRequest
from fastapi_app.indexing import queries, rules, schemas
from fastapi_app.indexing.library import enter, walk
from fastapi_app.indexing.recording import index_films
from fastapi_app.indexing.turn import turn
from fastapi_app.indexing.walk import film_at, films_below, shown
from fastapi_app.media.paths import Roots
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.thumbnails.files import storage
from fastapi_app.thumbnails.rules import SIZES
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/video-indexing", route_class=Route, tags=["videos"])


@router.get(
    "/stats",
    dependencies=[require(Access.READ)],
    response_model=schemas.Statistics,
    responses=openapi.problems(),
    summary="Counts of the library",
)
async def statistics(request: Request, session: Transaction) -> JSON:
    """How many artists, videos, downloads and pictures there are."""
    found = await queries.counts(session)
    await session.rollback()  # gives the connection back before the disk is read
    pictures = await walk(request, storage, request.state.config, tuple(SIZES))
    return JSON(
        {
            "total_artists": found.artists,
            "total_videos": found.videos,
            "total_downloads": found.downloads,
            "videos_with_imvdb": found.with_imvdb,
            "downloaded_videos": found.downloaded,
            "videos_with_files": found.with_files,
            "imvdb_coverage": rules.coverage(found.with_imvdb, found.videos),
            "thumbnail_stats": pictures,
        }
    )


@router.get(
    "/scan-files",
    dependencies=[require(Access.READ)],
    response_model=schemas.Files,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.FolderQuery),
    summary="Films below a folder",
)
async def scan_files(request: Request, session: Transaction) -> JSON:
    """Every film below a folder of the library. What lies outside the configured folders does not exist here."""
    directory = query_values(request).get("directory", "")
    roots, found = await enter(request, session)
    return await walk(request, _list, roots, directory, found.library)


@router.post(
    "/index-all",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.IndexedAll,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.IndexOrder),
    summary="Make rows for films without any",
)
async def index_all(request: Request, session: Transaction) -> JSON:
    """Gives every film of the library an artist, a video and a download, unless it has them. Nothing outside is asked.

    Artists and videos are found in any spelling: decomposed accents make nobody new.
    """
    most = rules.most_files(await json_body(request))
    roots, found = await enter(request, session)
    async with turn(request.state.config.data_dir):
        films = await walk(request, films_below, roots, found.library)
        results = await index_films(request.state.database, roots, found.library, films[:most])
    return await to_thread.run_sync(_told, results)


@router.post(
    "/index-single",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.IndexedOne,
    responses={
        **openapi.problems(409, 415),
        400: {"model": schemas.NotIndexed, "description": "No such film, or its name says nothing"},
    },
    openapi_extra=openapi.body(schemas.SingleOrder),
    summary="Make rows for one film",
)
async def index_single(request: Request, session: Transaction) -> JSON:
    """Gives one film its rows. Files outside the configured folders count as missing."""
    path = rules.file_path(await json_body(request))
    roots, found = await enter(request, session)
    async with turn(request.state.config.data_dir):
        film = await walk(request, film_at, roots, path)
        results = await index_films(request.state.database, roots, found.library, [film] if film else [])
    result = results[0] if results else rules.Indexed(path, error=rules.NO_ARTIST)
    if not result.success:
        raise BadRequest(result.error or "", success=False, result=asdict(result))
    return JSON({"success": True, "message": f"Successfully indexed {path}", "result": asdict(result)})


def _list(roots: Roots, directory: str, library: str) -> JSON:
    films = films_below(roots, directory or library)
    told = shown(str(PurePosixPath(directory))) if directory else "default"
    return JSON({"files": [shown(film.stored) for film in films], "count": len(films), "directory": told})


def _told(results: Sequence[rules.Indexed]) -> JSON:
    summary = rules.summary(results)
    message = f"Indexed {summary['successful']} of {summary['total_files']} videos"
    return JSON({"success": True, "message": message, "summary": summary})
