"""The routes that put films into the library's folders."""

from collections.abc import Callable, Sequence
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.errors import BadRequest, Conflict
from fastapi_app.indexing.library import enter, walk
from fastapi_app.indexing.shelves import Shelves
from fastapi_app.indexing.turn import turn
from fastapi_app.indexing.walk import Found, film_at, films_below, shown
from fastapi_app.media.paths import Roots
from fastapi_app.organization import rules, schemas
from fastapi_app.organization.filing import open_filing
from fastapi_app.organization.folders import artist_folders, exists, remove_empty
from fastapi_app.organization.rules import Filed
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/video-organization", route_class=Route, tags=["videos"])


@router.get(
    "/artists",
    dependencies=[require(Access.READ)],
    response_model=schemas.ArtistFolders,
    responses=openapi.problems(409),
    summary="Folders of the library",
)
async def artists(request: Request, session: Transaction) -> JSON:
    """The artists' folders with their numbers of films."""
    roots, shelves = await enter(request, session)
    return await walk(request, _artists, roots, shelves)


@router.get(
    "/downloads/scan",
    dependencies=[require(Access.READ)],
    response_model=schemas.WaitingFiles,
    responses=openapi.problems(409),
    summary="Films that wait to be filed",
)
async def scan_downloads(request: Request, session: Transaction) -> JSON:
    """The names of the films below the downloads' folder."""
    roots, shelves = await enter(request, session)
    return await walk(request, _downloads, roots, shelves)


@router.get(
    "/status",
    dependencies=[require(Access.READ)],
    response_model=schemas.Status,
    responses=openapi.problems(409),
    summary="The folders, and how many films they hold",
)
async def status(request: Request, session: Transaction) -> JSON:
    """Counts of both folders. A folder that is missing is told, not made."""
    roots, shelves = await enter(request, session)
    return await walk(request, _status, roots, shelves)


@router.post(
    "/cleanup",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.Cleaned,
    responses=openapi.problems(409),
    summary="Remove empty folders",
)
async def cleanup(request: Request, session: Transaction) -> JSON:
    """Removes the artists' folders that hold nothing."""
    roots, shelves = await enter(request, session)
    async with turn(request.state.config.data_dir):
        removed = await walk(request, remove_empty, roots, shelves.library, shelves.downloads)
    return JSON({"success": True, "message": f"Removed {removed} empty directories", "removed_count": removed})


@router.post(
    "/organize-all",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.FiledAll,
    responses=openapi.problems(409),
    summary="File everything that was downloaded",
)
async def organize_all(request: Request, session: Transaction) -> JSON:
    """Moves every download to `<library>/<Artist>/<Artist - Title>` and tells its video. Nothing outside is asked."""
    roots, shelves = await enter(request, session)
    results = await _file(request, roots, shelves, _all_below(roots, shelves.downloads), existing=False)
    return await to_thread.run_sync(_told, "Organized", results, False)


@router.post(
    "/organize/{filename}",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.FiledOne,
    responses={
        **openapi.problems(409),
        400: {"model": schemas.NotFiled, "description": "No such file, its name says nothing, or it can't be moved"},
    },
    summary="File one download",
)
async def organize(filename: str, request: Request, session: Transaction) -> JSON:
    """Moves one film that lies directly in the downloads' folder."""
    roots, shelves = await enter(request, session)
    stored = f"{shelves.downloads}/{filename}"

    def find() -> list[Found]:
        film = film_at(roots, stored)
        return [film] if film is not None and film.stored == stored else []

    results = await _file(request, roots, shelves, find, existing=False)
    if not results:
        missing = rules.not_found(shown(stored), shown(filename))
        raise BadRequest(missing["error"], success=False, result=missing)
    result = results[0].told(existing=False)
    if not results[0].success:
        raise BadRequest(result["error"], success=False, result=result)
    return JSON({"success": True, "message": f"Successfully organized {filename}", "result": result})


@router.post(
    "/reorganize-existing",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.RefiledAll,
    responses=openapi.problems(409),
    summary="File the library anew",
)
async def reorganize_existing(request: Request, session: Transaction) -> JSON:
    """Moves every film of the library to where it belongs. What its row says counts for more than its name."""
    roots, shelves = await enter(request, session)
    results = await _file(request, roots, shelves, _all_below(roots, shelves.library), existing=True)
    return await to_thread.run_sync(_told, "Reorganized", results, True)


async def _file(
    request: Request, roots: Roots, shelves: Shelves, find: Callable[[], list[Found]], *, existing: bool
) -> list[Filed]:
    """Files the films that `find` finds, when nobody else is at it. Raises Conflict."""
    async with turn(request.state.config.data_dir):
        films = await walk(request, find)
        filing = await open_filing(request.state.database, roots, shelves, films)
        if filing is None:
            raise Conflict(rules.NOT_MOUNTED, success=False)
        return await filing.file(films, existing=existing)


def _all_below(roots: Roots, stored: str) -> Callable[[], list[Found]]:
    return lambda: films_below(roots, stored)


def _artists(roots: Roots, shelves: Shelves) -> JSON:
    found = artist_folders(roots, shelves.library)
    total = sum(folder["video_count"] for folder in found)
    return JSON({"artists": found, "count": len(found), "total_videos": total})


def _downloads(roots: Roots, shelves: Shelves) -> JSON:
    films = films_below(roots, shelves.downloads)
    return JSON({"files": [shown(film.name) for film in films], "count": len(films)})


def _status(roots: Roots, shelves: Shelves) -> JSON:
    folders = artist_folders(roots, shelves.library)
    return JSON(
        {
            "downloads_path": shelves.downloads,
            "music_videos_path": shelves.library,
            "pending_downloads": len(films_below(roots, shelves.downloads)),
            "existing_videos": len(films_below(roots, shelves.library)),
            "artist_count": len(folders),
            "total_organized_videos": sum(folder["video_count"] for folder in folders),
            "directories_exist": exists(roots, shelves.downloads) and exists(roots, shelves.library),
        }
    )


def _told(verb: str, results: Sequence[Filed], existing: bool) -> JSON:
    summary: dict[str, Any] = rules.summary(results, existing=existing)
    message = f"{verb} {summary['successful']} of {summary['total_files']} videos"
    return JSON({"success": True, "message": message, "summary": summary})
