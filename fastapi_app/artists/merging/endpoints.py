"""Merging several artists into one."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.artists.locking import alone, lock_with_videos
from fastapi_app.artists.merging import queries, rules, schemas
from fastapi_app.artists.merging.copies import pairs
from fastapi_app.artists.queries import recount_genres
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.errors import NotFound
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
    primary, others = await alone(request, session, partial(_merge, wanted))
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


async def _merge(wanted: rules.Merge, session: AsyncSession) -> tuple[rules.Columns, list[rules.Columns]]:
    """The artist that stays and those that went into it, as they were before."""
    found = await lock_with_videos(session, wanted.everybody)
    if wanted.primary is None or wanted.primary not in found:
        raise NotFound("Primary artist not found")
    if len(found) != len(wanted.secondaries) + 1:
        raise NotFound("One or more secondary artists not found")
    rows = await queries.artists(session, found)
    primary, others = rows.pop(wanted.primary), list(rows.values())
    for pair in pairs(await queries.copies(session, found), wanted.primary):
        await queries.fold(session, pair)
    await _unite(session, primary, others)
    return primary, others


async def _unite(session: AsyncSession, primary: rules.Columns, others: Sequence[rules.Columns]) -> None:
    """Moves everything, then writes what the row that stays takes over: some is unique, so the others go first."""
    moved = await queries.move(session, [other["id"] for other in others], primary["id"])
    changes = rules.united(primary, others)
    genres = await recount_genres(session, primary["id"]) if moved else []
    if genres and genres != primary["genres"]:
        changes["genres"] = genres
    if changes:
        await queries.change(session, primary["id"], changes)
