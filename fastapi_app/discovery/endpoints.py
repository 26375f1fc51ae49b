"""The discovery routes: what was found lately, and finding more."""

from typing import Any

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.discovery import queries, rules, schemas
from fastapi_app.discovery.discovering import discover, discover_each
from fastapi_app.media.disconnect import until_disconnect
from fastapi_app.models import now
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/discovery", route_class=Route, tags=["discovery"])

_LIMIT = 10
_LIMIT_PER_ARTIST = 5


@router.post(
    "/artist/{artist_id:row}",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.Discovery,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.ArtistDiscovery),
    summary="Find and store new videos of an artist",
)
async def discover_artist(artist_id: int, request: Request, session: Transaction) -> JSON:
    """Looks for the artist's videos on IMVDb; those that the library lacks become WANTED."""
    most = rules.limit(await json_body(request), "limit", _LIMIT)
    await session.commit()  # what the login wrote; nothing is held while IMVDb is waited for
    return JSON((await discover(request, session, artist_id, most)).shown())


@router.post(
    "/all",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.Overview | schemas.NothingToDo,
    responses=openapi.problems(400, 415),
    openapi_extra=openapi.body(schemas.WholeDiscovery),
    summary="Find and store new videos of every monitored artist",
)
async def discover_all(request: Request, session: Transaction) -> JSON:
    """The same, artist by artist, for those not looked for in the last 24 hours. Ends when the client leaves."""
    most = rules.limit(await json_body(request), "limit_per_artist", _LIMIT_PER_ARTIST)
    await session.commit()
    async with request.state.database.reading() as reader:
        artists = await queries.monitored_artists(reader)
    if not artists:
        return JSON({"success": True, "message": rules.NOBODY, "results": []})
    results: list[dict[str, Any]] = []
    due = [artist for artist in artists if rules.is_due(artist.last_discovery, now())]
    async with until_disconnect(request.receive):
        await discover_each(request, session, due, most, results)
    return JSON(rules.overview(len(artists), results))


@router.get(
    "/stats",
    dependencies=[require(Access.READ)],
    response_model=schemas.Statistics,
    responses=openapi.problems(),
    summary="What was found lately",
)
async def statistics(session: Transaction) -> JSON:
    """Counts of videos and artists, and of videos found in the last seven days."""
    found = await queries.counts(session, rules.recent_since(now()))
    stats = {
        "total_videos": found.total_videos,
        "wanted_videos": found.wanted_videos,
        "downloaded_videos": found.downloaded_videos,
        "total_artists": found.total_artists,
        "monitored_artists": found.monitored_artists,
        "recent_discoveries": found.recent_discoveries,
        "discovery_enabled": rules.is_enabled(found.key),
    }
    return JSON({"success": True, "stats": stats})
