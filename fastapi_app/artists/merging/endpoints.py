"""Merging several artists into one."""

from functools import partial

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.artists.locking import alone
from fastapi_app.artists.merging import rules, schemas
from fastapi_app.artists.merging.uniting import merge
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/artists", route_class=Route, tags=["artists"])


@router.post(
    "/merge",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.MergedArtists,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.ArtistMerge),
    summary="Merge artists into one",
)
async def merge_artists(request: Request, session: Transaction) -> JSON:
    """Everything that belongs to some artists goes to another one, all or nothing.

    Two rows of the same YouTube video become one where nothing gets lost by it. Files and pictures stay where they are.
    """
    wanted = rules.merge(await json_body(request))
    primary, others = await alone(request, session, partial(merge, wanted))
    names = [other["name"] for other in others]
    return JSON(
        {
            "success": True,
            "message": f"Successfully merged {len(names)} artist(s) into {primary['name']}",
            "merged_count": len(names),
            "merged_artists": names,
            "primary_artist_id": primary["id"],
            "primary_artist_name": primary["name"],
        }
    )
