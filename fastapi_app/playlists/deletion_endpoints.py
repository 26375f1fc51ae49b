"""The routes that delete playlists. Their videos stay."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask

from fastapi_app import openapi
from fastapi_app.bodies import json_body
from fastapi_app.models import Playlist
from fastapi_app.playlists import queries, rules, schemas
from fastapi_app.playlists.asking import Modifier
from fastapi_app.playlists.changing import changing
from fastapi_app.playlists.standing import MISSING, NOT_YOURS, standing_of
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.thumbnails.files import remove
from fastapi_app.thumbnails.rules import files_of
from fastapi_app.transaction import Transaction
from fastapi_app.videos.bulk.ids import row_id

router = APIRouter(prefix="/api/playlists", route_class=Route, tags=["playlists"])


@router.delete(
    "/{playlist_id:row}",
    response_model=schemas.Done,
    responses=openapi.problems(404, 409),
    summary="Delete a playlist",
)
async def delete_playlist(playlist_id: int, request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """Its owner may, and whoever manages the library."""
    async with changing(request, session, visitor, playlist_id) as (own, playlist):
        pictures = _pictures(playlist)
        own.expunge(playlist)
        await queries.delete_playlists(own, [playlist_id])
    return JSON({"message": "Playlist deleted successfully"}, background=_removal(request, pictures))


@router.post(
    "/bulk/delete",
    response_model=schemas.DeletedPlaylists,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.Deletion),
    summary="Delete many playlists",
)
async def delete_playlists(request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """Deletes those that the visitor may delete, and tells of each other one why it stays."""
    sent = rules.deletion(await json_body(request))
    standing = await standing_of(session, visitor)
    rows = await queries.locked_playlists(session, rules.numbered(sent))
    session.expunge_all()
    seen = {number: row for number, row in rows.items() if standing.sees(row)}
    gone = {number: _pictures(row) for number, row in seen.items() if standing.changes(row)}
    await queries.delete_playlists(session, sorted(gone))
    errors = [
        {"playlist_id": value, "error": NOT_YOURS if row_id(value) in seen else MISSING}
        for value in sent
        if row_id(value) not in gone
    ]
    message = f"{len(gone)} of {len(sent)} playlists deleted"
    answer: dict[str, Any] = {"message": message, "deleted_count": len(gone), "total_requested": len(sent)}
    if errors:
        answer["errors"] = errors
    return JSON(answer, background=_removal(request, [path for paths in gone.values() for path in paths]))


def _pictures(playlist: Playlist) -> list[str]:
    return files_of(playlist.thumbnail_path, playlist.thumbnail_metadata)


def _removal(request: Request, pictures: list[str]) -> BackgroundTask | None:
    """The pictures go after the answer, and so after the commit: a failed deletion leaves them where they are."""
    return BackgroundTask(remove, request.state.config, pictures) if pictures else None
