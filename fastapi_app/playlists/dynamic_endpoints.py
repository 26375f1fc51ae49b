"""The routes of playlists that are filled by rules."""

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.bodies import json_body
from fastapi_app.models import Playlist, now
from fastapi_app.playlists import findings, reading, rules, schemas, shown
from fastapi_app.playlists.asking import Modifier, Reader
from fastapi_app.playlists.changing import changing, check_dynamic
from fastapi_app.playlists.refreshing import refresh
from fastapi_app.playlists.standing import standing_of
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/playlists", route_class=Route, tags=["playlists"])


@router.post(
    "/dynamic",
    status_code=201,
    response_model=schemas.Playlist,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.NewDynamic),
    summary="Make a playlist of rules",
)
async def create_dynamic(request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """With `auto_update`, as it is unless said otherwise, it always has what the rules find at the moment."""
    columns = rules.new_dynamic(await json_body(request))
    standing = await standing_of(session, visitor)
    standing.check_featuring(is_featured=columns["is_featured"])
    playlist = Playlist(**columns, user_id=standing.user_id)
    session.add(playlist)
    await session.flush()
    await refresh(session, playlist, now())
    await session.flush()
    return JSON(await reading.told(session, playlist.id, standing, request.scope), 201)


@router.post(
    "/dynamic/preview",
    response_model=schemas.Preview,
    responses=openapi.problems(400, 415),
    openapi_extra=openapi.body(schemas.Trial),
    summary="Try rules",
)
async def preview(request: Request, visitor: Reader, session: Transaction) -> JSON:  # noqa: ARG001 - declares the access
    """How many videos they find, and the first of them. Stores nothing."""
    wanted, limit = rules.previewed(await json_body(request))
    await session.rollback()  # a POST has a session that writes, and nobody else writes meanwhile
    moment = now()
    async with request.state.database.reading() as own:
        total, _ = await findings.totals(own, wanted, moment)
        rows = await findings.page(own, wanted, moment, 0, limit)
    found = {"total_matches": total, "preview_videos": [shown.video(row) for row in rows], "limit": limit}
    return JSON({"success": True, "preview": found})


@router.post(
    "/{playlist_id:row}/refresh",
    response_model=schemas.Refreshed,
    responses=openapi.problems(404, 409),
    summary="Look anew what the rules find",
)
async def refresh_playlist(playlist_id: int, request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """Stores what is found; of a playlist that looks by itself, how many."""
    async with changing(request, session, visitor, playlist_id) as (own, playlist):
        check_dynamic(playlist)
        result = await refresh(own, playlist, now())
    message = f"{result['video_count']} videos found"
    return JSON({"message": message, "playlist_id": playlist_id, "result": result})


@router.put(
    "/{playlist_id:row}/filters",
    response_model=schemas.ChangedRules,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.RulesChange),
    summary="Set the rules of a dynamic playlist",
)
async def change_rules(playlist_id: int, request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """Replaces all of them, and looks what they find."""
    wanted, auto_update = rules.new_rules(await json_body(request))
    async with changing(request, session, visitor, playlist_id) as (own, playlist):
        check_dynamic(playlist)
        playlist.filter_criteria = dict(wanted.stored)
        playlist.auto_update = playlist.auto_update if auto_update is None else auto_update
        result = await refresh(own, playlist, now())
    answer = {"success": True, "message": "Rules updated successfully", "playlist_id": playlist_id}
    return JSON({**answer, "video_count": result["video_count"]})
