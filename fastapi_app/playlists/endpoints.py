"""The routes of playlists as such."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from fastapi_app import openapi
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import NotFound
from fastapi_app.models import INTEGER_MAX, Playlist, now
from fastapi_app.playlists import queries, reading, rules, schemas, shown
from fastapi_app.playlists.asking import Modifier, Reader
from fastapi_app.playlists.changing import changing
from fastapi_app.playlists.refreshing import note_totals
from fastapi_app.playlists.standing import Standing, standing_of
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/playlists", route_class=Route, tags=["playlists"])


@router.get(
    "/",
    response_model=schemas.PlaylistPage,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.ListQuery),
    summary="A page of playlists",
)
async def list_playlists(request: Request, visitor: Reader, session: Transaction) -> JSON:
    """One's own, public ones, and those without an owner. Whoever manages the library also sees others with
    `owner=all`.
    """
    wanted = rules.listing(query_values(request))
    return await _listed(request, session, wanted, await standing_of(session, visitor))


@router.get(
    "/user/{user_id:row}",
    response_model=schemas.PlaylistPage,
    responses=openapi.problems(400, 404),
    openapi_extra=openapi.query(schemas.ListQuery),
    summary="The playlists of somebody",
)
async def list_of_user(user_id: int, request: Request, visitor: Reader, session: Transaction) -> JSON:
    """Those that the visitor may see."""
    wanted = rules.listing(query_values(request), user_id)
    if user_id > INTEGER_MAX or not await queries.user_exists(session, user_id):
        raise NotFound("User not found")
    return await _listed(request, session, wanted, await standing_of(session, visitor))


@router.get(
    "/{playlist_id:row}",
    response_model=schemas.FullPlaylist,
    responses=openapi.problems(400, 404, 409),
    openapi_extra=openapi.query(schemas.OneQuery),
    summary="One playlist with a page of its entries",
)
async def get_playlist(playlist_id: int, request: Request, visitor: Reader, session: Transaction) -> JSON:
    """A private one of somebody else is not found. A dynamic one that looks by itself is looked for now, and its
    entries have no ids.
    """
    query = query_values(request)
    wanted, moment = rules.page(query), now()
    standing = await standing_of(session, visitor)
    row = standing.seen(await reading.row_of(session, playlist_id))
    totals = await reading.totals_of(session, row, moment)
    told = {**shown.playlist(row, totals, standing, request.scope), **shown.rules(row)}
    answer: dict[str, Any] = {"success": True, "playlist": told}
    if rules.has_entries(query):
        told["entries"] = await reading.page_of(session, row, wanted, moment)
        answer["pagination"] = rules.pagination(wanted, totals[0])
    is_news = reading.looks_itself(row) and totals != (row.video_count, row.total_duration)
    noting = BackgroundTask(note_totals, request.state.database, playlist_id, totals, moment)
    return JSON(answer, background=noting if is_news else None)


@router.post(
    "/",
    status_code=201,
    response_model=schemas.Playlist,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.NewPlaylist),
    summary="Make a playlist",
)
async def create_playlist(request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """It belongs to the visitor; to everybody where nobody is logged in, in an open library."""
    columns = rules.new_playlist(await json_body(request))
    standing = await standing_of(session, visitor)
    standing.check_featuring(is_featured=columns["is_featured"])
    playlist = Playlist(**columns, user_id=standing.user_id)
    session.add(playlist)
    await session.flush()
    return JSON(await reading.told(session, playlist.id, standing, request.scope), 201)


@router.put(
    "/{playlist_id:row}",
    response_model=schemas.Playlist,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.PlaylistChange),
    summary="Change a playlist",
)
async def change_playlist(playlist_id: int, request: Request, visitor: Modifier, session: Transaction) -> JSON:
    """Changes the members that the body names. Its owner may, and whoever manages the library."""
    changes = rules.changes(await json_body(request))
    standing = await standing_of(session, visitor)
    async with changing(request, session, visitor, playlist_id) as (own, playlist):
        if "is_featured" in changes:
            standing.check_featuring(is_featured=changes["is_featured"], was_featured=playlist.is_featured)
        for column, value in changes.items():
            setattr(playlist, column, value)
        await own.flush()
        return JSON(await reading.told(own, playlist_id, standing, request.scope))


async def _listed(request: Request, session: AsyncSession, wanted: rules.Listing, standing: Standing) -> JSON:
    total = await queries.count_playlists(session, wanted, standing)
    rows = await queries.page_of_playlists(session, wanted, standing) if total > wanted.offset else []
    counted = await queries.totals_of_entries(session, [row.id for row in rows])
    playlists = [shown.playlist(row, shown.totals_of(row, counted), standing, request.scope) for row in rows]
    if wanted.video_id is not None:
        holding = await queries.holding(session, [row.id for row in rows], wanted.video_id)
        for playlist in playlists:
            playlist["has_video"] = playlist["id"] in holding
    return JSON({"success": True, "playlists": playlists, "pagination": rules.pagination(wanted, total)})
