"""Giving many videos the same year or genres."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.artists.locking import alone, lock
from fastapi_app.artists.queries import recount_genres
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.errors import NotFound
from fastapi_app.models import Artist, Video
from fastapi_app.nfo import handing_in as nfo
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.videos.bulk import rules, schemas
from fastapi_app.videos.bulk.queries import change_rows, locked_rows

router = APIRouter(prefix="/api/videos", route_class=Route, tags=["videos"])


@router.put(
    "/bulk/edit",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.EditedVideos,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.ManyEdit),
    summary="Change many videos",
)
async def edit_videos(request: Request, session: Transaction) -> JSON:
    """Gives every video named the same year or genres; ids that name none are skipped. Artists' genres follow."""
    ids, changes = rules.edit(await json_body(request))
    count = await alone(request, session, partial(_edit, request, ids, changes))
    if not count:
        raise NotFound("Video not found")
    return JSON({"success": True, "message": f"{count:,} video{'' if count == 1 else 's'} changed", "count": count})


async def _edit(request: Request, ids: Sequence[int], changes: Mapping[str, Any], session: AsyncSession) -> int:
    """Artists are locked before videos, as everybody does whose change counts their genres anew."""
    artists = sorted(set(await session.scalars(select(Video.artist_id).where(Video.id.in_(ids)))))
    await lock(session, artists)
    rows = await locked_rows(session, ids)
    await change_rows(session, Video, sorted(rows), **changes)
    if "genres" in changes:
        for artist_id in artists:
            genres = await recount_genres(session, artist_id)
            await session.execute(update(Artist).where(Artist.id == artist_id).values(genres=genres))
    await nfo.after_edit(request, session, sorted(rows))
    return len(rows)
