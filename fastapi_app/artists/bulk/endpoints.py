"""Changing and deleting many artists at once."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from fastapi_app import openapi
from fastapi_app.artists.bulk import queries, rules, schemas
from fastapi_app.artists.locking import alone, lock, lock_with_videos
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.thumbnails.files import remove
from fastapi_app.thumbnails.rules import files_of
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/artists", route_class=Route, tags=["artists"])


@router.post(
    "/bulk-edit",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.EditedArtists,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.BulkEdit),
    summary="Change many artists",
)
async def edit_artists(request: Request, session: Transaction) -> JSON:
    """Gives many artists the same flags or keywords. Rows that have them already stay as they are."""
    wanted = rules.edit(await json_body(request))
    count = await alone(request, session, partial(_edit, wanted))
    return JSON({"updated_count": count, "error": None})


@router.post(
    "/bulk-delete",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.DeletedArtists,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.BulkDeletion),
    summary="Forget many artists",
)
async def delete_artists(request: Request, session: Transaction) -> JSON:
    """Deletes artists with their videos and downloads, without asking again. Files and pictures stay."""
    ids = rules.doomed(await json_body(request))
    names = [row.name for row in await alone(request, session, partial(_delete, ids))]
    return JSON(_deleted(names, f"Successfully deleted {len(names)} artist(s)"))


@router.post(
    "/cleanup-zero-videos",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.DeletedArtists,
    responses=openapi.problems(409),
    summary="Forget artists without videos",
)
async def delete_artists_without_videos(request: Request, session: Transaction) -> JSON:
    """Deletes every artist that has no video, with its pictures. No body is read."""
    rows = await alone(request, session, _delete_without_videos)
    names = [row.name for row in rows]
    message = f"Successfully deleted {len(names)} artists with 0 videos" if names else "No artists with 0 videos found"
    # The pictures go after the answer, and so after the commit: a failed deletion leaves them where they are.
    pictures = [stored for row in rows for stored in files_of(row.thumbnail_path, row.thumbnail_metadata)]
    after = BackgroundTask(remove, request.state.config, pictures) if pictures else None
    return JSON(_deleted(names, message), background=after)


async def _edit(wanted: rules.Edit, session: AsyncSession) -> int:
    rows = await queries.values(session, await lock(session, wanted.ids))
    changed = [row.id for row in rows if wanted.changes_row(row)]
    if changed:
        await queries.change(session, changed, dict(wanted.changes))
    return len(rows)


async def _delete(artist_ids: Sequence[int], session: AsyncSession) -> Sequence[Record]:
    found = await lock_with_videos(session, artist_ids)
    rows = await queries.values(session, found)
    await queries.delete_artists(session, found)
    return rows


async def _delete_without_videos(session: AsyncSession) -> Sequence[Record]:
    locked = set(await lock(session, await queries.without_videos(session)))
    # Asked again under the locks: a video may have come in between.
    return await _delete([row_id for row_id in await queries.without_videos(session) if row_id in locked], session)


def _deleted(names: list[str], message: str) -> dict[str, Any]:
    return {"success": True, "message": message, "deleted_count": len(names), "deleted_artists": names}
