"""The routes that set the status of videos, and that delete many."""

from collections.abc import Callable
from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.errors import NotFound
from fastapi_app.models import INTEGER_MAX, Video
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.videos.bulk import answers, queries, rules, schemas
from fastapi_app.videos.queries import locked_video

router = APIRouter(prefix="/api/videos", route_class=Route, tags=["videos"])

_PARTLY = 207
_MANY = 500
"""From this many ids on, the answer is written in a thread."""


@router.put(
    "/{video_id:row}/status",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.ChangedStatus,
    responses=openapi.problems(400, 404, 415),
    openapi_extra=openapi.body(schemas.StatusChange),
    summary="Set the status of a video",
)
async def set_status(video_id: int, request: Request, session: Transaction) -> JSON:
    """Sets the status. MONITORED is left to the watched playlists, so nobody sets it here."""
    status = rules.one_status(await json_body(request))
    video = await locked_video(session, video_id) if video_id <= INTEGER_MAX else None
    if video is None:
        raise NotFound(answers.MISSING)
    old, video.status = video.status, status
    return JSON(
        {
            "success": True,
            "message": f"Video status updated to {status}",
            "video_id": video_id,
            "old_status": old,
            "new_status": status,
        }
    )


@router.put(
    "/bulk/status",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.ChangedStatuses,
    responses=openapi.problems(400, 415),
    openapi_extra=openapi.body(schemas.ManyStatusChange),
    summary="Set the status of many videos",
)
async def set_statuses(request: Request, session: Transaction) -> JSON:
    """Sets one status on every video named; ids that name none are told one by one."""
    sent, status = rules.many_statuses(await json_body(request))
    rows = await queries.locked_rows(session, rules.rows_named(sent))
    other = [row.id for row in rows.values() if row.status != status]
    await queries.change_rows(session, Video, other, status=status)

    return JSON(await _told(sent, partial(answers.statuses, sent, rows, status)))


@router.post(
    "/bulk/delete",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.DeletedVideos,
    responses={
        **openapi.problems(400, 415),
        _PARTLY: {"model": schemas.DeletedVideos, "description": "Some ids name no video; the others are deleted"},
    },
    openapi_extra=openapi.body(schemas.Deletion),
    summary="Forget many videos",
)
async def delete_videos(request: Request, session: Transaction) -> JSON:
    """Deletes the rows of videos and their downloads. Their files and pictures stay."""
    sent = rules.deletion(await json_body(request))
    rows = await queries.locked_rows(session, rules.rows_named(sent))
    names = await queries.artist_names(session, (row.artist_id for row in rows.values()))
    await queries.delete_videos(session, sorted(rows))

    told = await _told(sent, partial(answers.deletions, sent, rows, names))
    return JSON(told, _PARTLY if told["failed_videos"] else 200)


async def _told(sent: list[Any], write: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return await to_thread.run_sync(write) if len(sent) >= _MANY else write()
