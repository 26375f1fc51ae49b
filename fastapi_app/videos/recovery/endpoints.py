"""The route that mends rows whose film is gone."""

from dataclasses import asdict

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.media.paths import Roots
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.videos.recovery import schemas
from fastapi_app.videos.recovery.recovering import recover

router = APIRouter(prefix="/api/videos/recovery", route_class=Route, tags=["videos"])


@router.post(
    "/fix-missing",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.Recovered,
    responses=openapi.problems(),
    summary="Find missing films again",
)
async def fix_missing(request: Request, session: Transaction) -> JSON:
    """Looks for the film of every downloaded video: in place, under the downloads, in the library; else it is wanted.

    A drive that is not mounted, and a folder that can't be read, change nothing.
    """
    await session.commit()  # what the login wrote; no lock is held while the disk is read
    statistics = await recover(request.state.database, Roots.of(request.state.config))
    message = (
        f"Fixed {statistics.missing_files} missing videos: {statistics.recovered_videos} recovered, "
        f"{statistics.marked_wanted} marked as wanted"
    )
    return JSON({"success": True, "message": message, "statistics": asdict(statistics)})
