"""0.9's routes of the scheduler. Beat keeps time; what these routes turn is a setting that it reads each minute."""

from datetime import datetime

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.downloads.schedule import most_videos
from fastapi_app.jobs.asking import Modifier, Told
from fastapi_app.monitors.queries import settings
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.scheduler import queries, rules, schemas
from fastapi_app.transaction import Transaction
from fastapi_app.videos.downloading.handing_in import hand_in_wanted

router = APIRouter(prefix="/api/settings/scheduler", route_class=Route, tags=["settings"])


@router.get(
    "/status",
    dependencies=[require(Access.READ)],
    response_model=schemas.Status,
    responses=openapi.problems(),
    summary="State of the scheduler",
)
async def status(request: Request, session: Transaction) -> JSON:
    """Whether it is on, and when wanted videos are downloaded next."""
    read = await settings(session, rules.NAMES)
    await session.commit()  # the look below needs a connection of its own
    gone = rules.beat_is_gone(await request.state.watch.look())
    return JSON({"scheduler": rules.status(read, _local_now(), beat_is_gone=gone)})


@router.post(
    "/start",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.Message,
    responses=openapi.problems(),
    summary="Start the scheduler",
)
async def start(session: Transaction) -> JSON:
    """Also where it is on already. Whether it does anything is another setting."""
    await queries.turn(session, rules.switched(await settings(session, rules.NAMES), on=True))
    return JSON({"message": "Scheduler started successfully"})


@router.post(
    "/stop",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.Message,
    responses=openapi.problems(),
    summary="Stop the scheduler",
)
async def stop(session: Transaction) -> JSON:
    """Also where it is off already. It stays off until somebody starts it."""
    await queries.turn(session, rules.switched(await settings(session, rules.NAMES), on=False))
    return JSON({"message": "Scheduler stopped successfully"})


@router.post(
    "/reload",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.Message,
    responses=openapi.problems(),
    summary="Read the schedule anew",
)
async def reload() -> JSON:
    """Nothing is to be done: the settings are read whenever they are needed."""
    return JSON({"message": "Scheduler reloaded successfully"})


@router.post(
    "/trigger",
    response_model=schemas.Triggered,
    responses=openapi.problems(),
    summary="Download what is wanted now",
)
async def trigger(session: Transaction, visitor: Modifier, told: Told) -> JSON:
    """Hands in as many wanted videos as the schedule would, whether it is on or not."""
    limit = most_videos(await settings(session, rules.NAMES))
    result = await hand_in_wanted(session, told, limit, visitor.user_id)
    return JSON(rules.triggered(result))


def _local_now() -> datetime:
    return datetime.now()  # noqa: DTZ005  the settings are in the server's local time
