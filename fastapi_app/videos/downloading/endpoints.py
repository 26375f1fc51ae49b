"""The routes that download videos. Each download is a job; one without an address is searched for by its job."""

from anyio import to_thread
from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.bodies import json_body
from fastapi_app.errors import BadRequest, NotFound
from fastapi_app.jobs.asking import Modifier, Told
from fastapi_app.media.files import existing_file
from fastapi_app.metube.rules import unsuccessful
from fastapi_app.metube.schemas import Refusal
from fastapi_app.models import VideoStatus
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.videos.bulk.ids import row_id
from fastapi_app.videos.bulk.rules import rows_named
from fastapi_app.videos.downloading import queries, rules, schemas
from fastapi_app.videos.downloading.handing_in import hand_in, hand_in_wanted

router = APIRouter(prefix="/api/videos", route_class=Route, tags=["downloads"])


@router.post(
    "/{video_id:row}/download",
    response_model=schemas.Queued,
    responses={
        **openapi.problems(404),
        400: {"model": Refusal | openapi.Problem, "description": "It is there already"},
    },
    summary="Download a video",
)
async def download_video(video_id: int, request: Request, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """Hands the download in, unless it is under way. A video whose file is there is not downloaded again."""
    row = await queries.one(session, video_id)
    if row is None:
        raise NotFound(rules.MISSING)
    if row.status is VideoStatus.DOWNLOADED and await _is_there(request, row.local_path):
        raise BadRequest("Video is already downloaded", success=False)
    job_id = await hand_in(session, told, row, visitor.user_id)
    answer = {"success": True, "message": "Video download queued", "download_id": job_id, "video_id": video_id}
    return JSON(answer)


@router.post(
    "/bulk/download",
    response_model=schemas.Results,
    responses=openapi.problems(400, 415),
    openapi_extra=openapi.body(schemas.Ids),
    summary="Download many videos",
)
async def download_many(request: Request, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """Hands in every video named, also those that are there; ids that name none are told one by one."""
    sent = rules.ids(await json_body(request))
    rows = await queries.some(session, rows_named(sent))
    results = []
    for value in sent:
        row = rows.get(row_id(value) or 0)
        if row is None:
            results.append({"video_id": value, "success": False, "error": rules.MISSING})
            continue
        job_id = await hand_in(session, told, row, visitor.user_id)
        results.append({"video_id": value, "success": True, "title": row.title, "download_id": job_id})
    return JSON(rules.told(results))


@router.post(
    "/bulk/download-wanted",
    response_model=schemas.WantedResults,
    responses={**openapi.problems(415), 400: {"model": Refusal, "description": "The limit is none"}},
    openapi_extra=openapi.body(schemas.Limit),
    summary="Download what is wanted",
)
async def download_wanted(request: Request, session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """Hands in wanted videos, the oldest first."""
    with unsuccessful():
        limit = rules.limit(await json_body(request))
    return JSON(await hand_in_wanted(session, told, limit, visitor.user_id))


async def _is_there(request: Request, stored: str | None) -> bool:
    if not stored:
        return False
    return await to_thread.run_sync(existing_file, request.state.config, stored) is not None
