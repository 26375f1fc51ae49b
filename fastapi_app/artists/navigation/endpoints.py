"""Stepping from artist to artist."""

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.artists.changing import MISSING
from fastapi_app.artists.navigation import queries, rules, schemas
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import query_values
from fastapi_app.errors import NotFound
from fastapi_app.models import INTEGER_MAX
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/artists", route_class=Route, tags=["artists"])


@router.get(
    "/{artist_id:row}/navigation",
    dependencies=[require(Access.READ)],
    response_model=schemas.Navigation,
    responses=openapi.problems(404),
    openapi_extra=openapi.query(schemas.OrderQuery),
    summary="The artists before and after one",
)
async def navigate(artist_id: int, request: Request, session: Transaction) -> JSON:
    """An artist's place in an order, and its neighbours there. Equal artists stand in the order of their ids."""
    order = rules.order(query_values(request))
    place = await queries.place_of(session, artist_id, order) if artist_id <= INTEGER_MAX else None
    if place is None:
        raise NotFound(MISSING)
    found = await queries.neighbours(session, [row_id for row_id in (place.previous, place.next) if row_id is not None])
    before, after = found.get(place.previous), found.get(place.next)
    return JSON(
        {
            "current_artist": {
                "id": place.id,
                "name": place.name,
                "position": place.position,
                "total_artists": place.total,
            },
            "prev_artist": before._asdict() if before else None,
            "next_artist": after._asdict() if after else None,
            "navigation": {
                "has_prev": before is not None,
                "has_next": after is not None,
                "sort_by": order.sort,
                "sort_order": order.direction,
            },
        }
    )
