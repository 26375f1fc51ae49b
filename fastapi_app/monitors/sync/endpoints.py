"""The routes of the watched playlists that ask YouTube."""

from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.artists.locking import alone
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import json_body
from fastapi_app.errors import EXPECTED, AppError, BadRequest, Conflict, NotFound, translate
from fastapi_app.media.disconnect import until_disconnect
from fastapi_app.models import INTEGER_MAX, PlaylistMonitor
from fastapi_app.monitors.queries import settings
from fastapi_app.monitors.rules import KEY, MISSING
from fastapi_app.monitors.sync import queries, rules, schemas
from fastapi_app.monitors.sync.rules import Round, Synced
from fastapi_app.monitors.sync.syncing import Look
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/youtube/playlists", route_class=Route, tags=["playlists"])

Modifier = Annotated[Visitor, require(Access.MODIFY)]
Manager = Annotated[Visitor, require(Access.MANAGE)]


@router.post(
    "/",
    response_model=schemas.Watched,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.Wish),
    summary="Watch a playlist",
)
async def create_monitor(request: Request, session: Transaction, visitor: Modifier) -> JSON:
    """Watches a playlist, and takes what is in it by now. It stays watched when this first look fails."""
    wish = rules.wish(await json_body(request))
    await session.commit()  # what the login wrote; nothing is held while YouTube is waited for
    async with request.state.database.reading() as reader:
        key = rules.key_in(await settings(reader, (KEY,)))
        playlist_id = rules.playlist_id(wish.url)
        _refuse_second(await queries.monitor_of(reader, playlist_id))
    found = await request.state.youtube.playlist(key, playlist_id)
    if found is None:
        raise NotFound(rules.HIDDEN)
    made = queries.new_monitor(playlist_id, wish, rules.facts(found))
    with anyio.CancelScope(shield=True):
        monitor = await alone(request, session, partial(_made, made))
    results = await _first(Look(request, session, key, visitor.user_id), monitor)
    message = f"Playlist monitor created, {results.new_videos} new videos"
    answer = {"success": True, "message": message, "monitor_id": monitor.id, "sync_results": results.shown()}
    return JSON(answer)


@router.post(
    "/{monitor_id:row}/sync",
    response_model=schemas.OneSync,
    responses=openapi.problems(400, 404, 409),
    summary="Look for new videos in a playlist",
)
async def sync_monitor(monitor_id: int, request: Request, session: Transaction, visitor: Modifier) -> JSON:
    """Stores what the playlist holds and the library lacks: WANTED where it downloads by itself, else MONITORED."""
    await session.commit()
    async with request.state.database.reading() as reader:
        found = await queries.watched(reader, monitor_id) if monitor_id <= INTEGER_MAX else []
        if not found:
            raise NotFound(MISSING)
        key = rules.key_in(await settings(reader, (KEY,)))
    results = await Look(request, session, key, visitor.user_id).at(found[0])
    message = f"Playlist synced, {results.new_videos} new videos"
    return JSON({"success": True, "message": message, "results": results.shown()})


@router.post(
    "/sync-all",
    response_model=schemas.AllSynced,
    responses=openapi.problems(),
    summary="Look for new videos in all playlists",
)
async def sync_all(request: Request, session: Transaction, visitor: Manager) -> JSON:
    """The same, playlist by playlist. Ends when the client leaves."""
    monitors, key = await _all(request, session)
    if not key:
        errors = [f"{monitor.name}: {rules.NO_KEY}" for monitor in monitors]
        return JSON(Round(len(monitors), errors=errors).shown())
    return JSON((await _round(Look(request, session, key, visitor.user_id), monitors)).shown())


@router.post(
    "/sync",
    response_model=schemas.FlatSync,
    responses=openapi.problems(400),
    summary="Look for new videos in all playlists, told in short",
)
async def sync_from_settings(request: Request, session: Transaction, visitor: Manager) -> JSON:
    """As `sync-all`, for the settings page; without a key it is refused."""
    monitors, key = await _all(request, session)
    if not key:
        raise BadRequest(rules.NO_KEY, success=False)
    return JSON((await _round(Look(request, session, key, visitor.user_id), monitors)).shown_flat())


async def _all(request: Request, session: AsyncSession) -> tuple[Any, str]:
    """Every monitor, and the key, which may be empty."""
    await session.commit()
    async with request.state.database.reading() as reader:
        monitors = await queries.watched(reader)
        return monitors, rules.stored_key(await settings(reader, (KEY,)))


async def _round(look: Look, monitors: Any) -> Round:
    total = Round(len(monitors))
    async with until_disconnect(look.request.receive):
        await look.at_each(monitors, total)
    return total


async def _first(look: Look, monitor: Record) -> Synced:
    try:
        return await look.at(monitor)
    except EXPECTED as error:  # the edge of the first look: told in the answer
        refusal = error if isinstance(error, AppError) else translate(error)
        return Synced(errors=[refusal.message])


async def _made(monitor: PlaylistMonitor, session: AsyncSession) -> Record:
    """In a transaction: the row as `queries.watched` reads it. Raises Conflict when somebody else made one."""
    try:
        async with session.begin_nested():
            session.add(monitor)
    except IntegrityError:
        _refuse_second(await queries.monitor_of(session, monitor.playlist_id))
        raise
    return (await queries.watched(session, monitor.id))[0]


def _refuse_second(monitor_id: int | None) -> None:
    if monitor_id is not None:
        raise Conflict(rules.WATCHED, success=False, message=rules.WATCHED, monitor_id=monitor_id)
