"""The routes of the watched playlists, as far as they ask only the database."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import NotFound
from fastapi_app.models import INTEGER_MAX, PlaylistMonitor
from fastapi_app.monitors import queries, rules, schemas
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/youtube/playlists", route_class=Route, tags=["playlists"])


@router.get(
    "/",
    dependencies=[require(Access.READ)],
    response_model=schemas.MonitorList,
    responses=openapi.problems(),
    summary="Watched playlists",
)
async def list_monitors(session: Transaction) -> JSON:
    """Every watched playlist with the number of its videos and the newest of them."""
    shown = await _shown(session, await queries.monitors(session))
    return JSON({"playlists": shown, "count": len(shown)})


@router.get(
    "/status",
    dependencies=[require(Access.READ)],
    response_model=schemas.Status,
    responses=openapi.problems(),
    summary="Whether YouTube is set up",
)
async def status(session: Transaction) -> JSON:
    """Whether there is a key for YouTube, and where MeTube was."""
    return JSON(rules.status(await queries.settings(session, rules.SETTINGS)))


@router.get(
    "/{monitor_id:row}",
    dependencies=[require(Access.READ)],
    response_model=schemas.Monitor,
    responses=openapi.problems(404),
    summary="One watched playlist",
)
async def get_monitor(monitor_id: int, session: Transaction) -> JSON:
    """One watched playlist with the number of its videos and the newest of them."""
    rows = await queries.monitors(session, monitor_id) if monitor_id <= INTEGER_MAX else []
    if not rows:
        raise NotFound(rules.MISSING)
    return JSON((await _shown(session, rows, monitor_id))[0])


@router.put(
    "/{monitor_id:row}",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.Done,
    responses=openapi.problems(400, 404, 415),
    openapi_extra=openapi.body(schemas.MonitorChange),
    summary="Change a watched playlist",
)
async def update_monitor(monitor_id: int, request: Request, session: Transaction) -> JSON:
    """Changes the members that the body names."""
    changes = rules.changes(await json_body(request))
    monitor = await _locked(session, monitor_id)
    for column, value in changes.items():
        setattr(monitor, column, value)
    return JSON({"success": True, "message": "Playlist monitor updated successfully"})


@router.delete(
    "/{monitor_id:row}",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.DeletedMonitor,
    responses=openapi.problems(404),
    openapi_extra=openapi.query(schemas.DeleteQuery),
    summary="Stop watching a playlist",
)
async def delete_monitor(monitor_id: int, request: Request, session: Transaction) -> JSON:
    """Stops watching a playlist. With `delete_videos` the rows of its videos and their downloads go; files stay."""
    also_videos = rules.deletes_videos(query_values(request))
    monitor = await _locked(session, monitor_id)
    if also_videos:
        await queries.delete_videos(session, monitor.playlist_id)
    await session.delete(monitor)
    message = "Playlist monitor deleted successfully"
    return JSON({"success": True, "message": message, "videos_deleted": also_videos})


async def _locked(session: AsyncSession, monitor_id: int) -> PlaylistMonitor:
    monitor = await queries.locked_monitor(session, monitor_id) if monitor_id <= INTEGER_MAX else None
    if monitor is None:
        raise NotFound(rules.MISSING)
    return monitor


async def _shown(session: AsyncSession, rows: Sequence[Record], monitor_id: int | None = None) -> list[dict[str, Any]]:
    counts = await queries.video_counts(session, monitor_id)
    recent: dict[int, list[dict[str, Any]]] = {}
    for video in await queries.recent_videos(session, rules.RECENT, monitor_id):
        recent.setdefault(video.monitor_id, []).append(_video(video))
    return [
        {**_monitor(row), "video_count": counts.get(row.id, 0), "recent_videos": recent.get(row.id, [])} for row in rows
    ]


def _monitor(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "playlist_id": row.playlist_id,
        "playlist_url": row.playlist_url,
        "name": row.name,
        "channel_title": row.channel_title,
        "auto_download": row.auto_download,
        "quality": row.quality,
        "keywords": rules.keywords(row.keywords),
        "last_check": iso(row.last_check),
        "created_at": iso(row.created_at),
    }


def _video(row: Record) -> dict[str, Any]:
    return {"id": row.id, "title": row.title, "status": row.status, "created_at": iso(row.created_at)}
