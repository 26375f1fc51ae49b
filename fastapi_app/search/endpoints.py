"""The route that searches everything."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import query_values
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.search import rules, schemas
from fastapi_app.search.kinds import Kind
from fastapi_app.search.queries import search
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/search", route_class=Route, tags=["search"])


@router.get(
    "",
    dependencies=[require(Access.READ)],
    response_model=schemas.Results,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.SearchQuery),
    summary="Search artists, videos and playlists",
)
async def search_everything(request: Request, session: Transaction) -> JSON:
    """What fits best first, by kind: titles that begin with the text, then those that have its words, then artists and
    descriptions. Accents and capitals don't matter; nothing typed is an operator.
    """
    asked = rules.asked(query_values(request))
    found = await search(session, asked.text, asked.kinds, asked.limit, asked.after)
    body = {
        kind.value: {"items": [_SHOWN[kind](row) for row in page.rows], "after": page.after}
        for kind, page in found.items()
    }
    return JSON({"q": asked.text, **body})


def _artist(row: Record) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "video_count": row.videos, "has_thumbnail": bool(row.thumbnail_path)}


def _video(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "artist_id": row.artist_id,
        "artist_name": row.artist,
        "year": row.year,
        "duration": row.duration,
        "status": row.status,
        "has_thumbnail": bool(row.thumbnail_path),
        "is_playable": bool(row.local_path),
    }


def _playlist(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "channel_title": row.channel_title,
        "video_count": row.last_video_count,
    }


_SHOWN: Mapping[Kind, Callable[[Record], dict[str, Any]]] = {
    Kind.ARTISTS: _artist,
    Kind.VIDEOS: _video,
    Kind.PLAYLISTS: _playlist,
}
