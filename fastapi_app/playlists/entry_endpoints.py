"""The routes that change what is in a playlist that is filled by hand."""

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.bodies import json_body
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.models import INTEGER_MAX, now
from fastapi_app.playlists import entries, rules, schemas
from fastapi_app.playlists.asking import Modifier
from fastapi_app.playlists.changing import changing, check_by_hand
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/playlists", route_class=Route, tags=["playlists"])

_MISSING = "This entry is not in the playlist"


@router.post(
    "/{playlist_id:row}/videos",
    response_model=schemas.Added,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.Addition),
    summary="Put videos into a playlist",
)
async def add_videos(playlist_id: int, request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """At the end, or from a place on. Videos that are in it already stay where they are. 404 when none exists."""
    wanted = rules.addition(await json_body(request))
    async with changing(request, session, visitor, playlist_id) as (own, playlist):
        check_by_hand(playlist)
        existing = await entries.locked_videos(own, wanted.video_ids)
        unknown = [*wanted.unknown, *(video_id for video_id in wanted.video_ids if video_id not in existing)]
        if not existing:
            raise NotFound("None of these videos exist", unknown_ids=unknown)
        there = await entries.present(own, playlist_id, wanted.video_ids)
        added = [video_id for video_id in wanted.video_ids if video_id in existing - there]
        await _check_room(own, playlist_id, len(added))
        await entries.add(own, playlist_id, added, wanted.position, now())
        if added:
            playlist.updated_at = now()
    return JSON(
        {
            "message": _said(len(added), len(there), len(unknown)),
            "added_count": len(added),
            "skipped_count": len(there),
            "playlist_id": playlist_id,
            "unknown_ids": unknown,
        }
    )


@router.delete(
    "/{playlist_id:row}/videos/{entry_id:row}",
    response_model=schemas.Done,
    responses=openapi.problems(404, 409),
    summary="Take an entry out of a playlist",
)
async def remove_entry(
    playlist_id: int, entry_id: int, request: Request, visitor: Modifier, session: Transaction
) -> JSON:
    """By the id of the entry, which is not that of the video."""
    async with changing(request, session, visitor, playlist_id) as (own, playlist):
        check_by_hand(playlist)
        if entry_id > INTEGER_MAX or not await entries.remove(own, playlist_id, entry_id):
            raise NotFound(_MISSING)
        playlist.updated_at = now()
    return JSON({"message": "Video removed from playlist"})


@router.post(
    "/{playlist_id:row}/videos/reorder",
    response_model=schemas.Done,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.Move),
    summary="Move an entry to another place",
)
async def reorder(playlist_id: int, request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """Places are from 1. One beyond the end is the end: the list may have become shorter meanwhile."""
    entry_id, position = rules.move(await json_body(request))
    async with changing(request, session, visitor, playlist_id) as (own, playlist):
        check_by_hand(playlist)
        if not await entries.move(own, playlist_id, entry_id, position):
            raise NotFound(_MISSING)
        playlist.updated_at = now()
    return JSON({"message": "Playlist reordered successfully"})


async def _check_room(session: AsyncSession, playlist_id: int, more: int) -> None:
    if more and await entries.count(session, playlist_id) + more > rules.MOST_ENTRIES:
        raise Conflict(f"A playlist has at most {rules.MOST_ENTRIES} videos")


def _said(added: int, there: int, unknown: int) -> str:
    parts = [f"{added} added"]
    parts += [f"{there} already there"] if there else []
    parts += [f"{unknown} unknown"] if unknown else []
    return ", ".join(parts)
