"""The routes that search."""

from collections.abc import Mapping, Sequence
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import query_values
from fastapi_app.caching.caches import Question, answered
from fastapi_app.caching.tags import Tag
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction
from fastapi_app.videos.search import queries, rules, schemas

router = APIRouter(prefix="/api/videos", route_class=Route, tags=["videos"])

_TABLES = frozenset({Tag.VIDEOS, Tag.ARTISTS})
_MANY = 500
"""From this many rows on, the answer is written in a thread: it would keep the event loop for too long."""


@router.get(
    "/search",
    dependencies=[require(Access.READ)],
    response_model=schemas.FoundVideos,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.SearchQuery),
    summary="Search videos by many fields",
)
async def search_videos(request: Request, session: Transaction) -> Response:
    """Videos that have everything that is asked for, with the names of their artists."""
    values = query_values(request)
    wanted = rules.search(values)
    question = Question("video search", _TABLES, tuple(sorted(values.items())))
    return await answered(request, session, question, lambda: _page_of(session, wanted, values))


async def _page_of(session: AsyncSession, wanted: rules.Search, values: Mapping[str, str]) -> JSON:
    if wanted.is_impossible:
        return _page([], 0, wanted, values)
    named = await queries.named_artists(session, wanted)
    rows = await queries.found_videos(session, wanted, named)
    total = rules.total_of(wanted, len(rows))
    if total is None:
        total = await queries.count_found(session, wanted, named)
    if len(rows) >= _MANY:
        return await to_thread.run_sync(_page, rows, total, wanted, values)
    return _page(rows, total, wanted, values)


@router.get(
    "/search-artists",
    dependencies=[require(Access.READ)],
    response_model=schemas.FoundArtists,
    responses=openapi.problems(),
    openapi_extra=openapi.query(schemas.ArtistSearchQuery),
    summary="Artists by part of the name",
)
async def search_artists(request: Request, session: Transaction) -> JSON:
    """At most ten artists. A fragment of one character finds nobody."""
    fragment = rules.artist_fragment(query_values(request))
    rows = await queries.artists_like(session, fragment) if fragment else []
    return JSON({"artists": [{"id": row.id, "name": row.name, "video_count": row.video_count} for row in rows]})


def _page(rows: Sequence[Record], total: int, wanted: rules.Search, values: Mapping[str, str]) -> JSON:
    return JSON(
        {
            "videos": [_found(row) for row in rows],
            "count": len(rows),
            "total": total,
            "offset": wanted.offset,
            "limit": wanted.limit,
            "filters": rules.filters(values),
        }
    )


def _found(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "artist_id": row.artist_id,
        "artist_name": row.artist_name,
        "status": row.status,
        "imvdb_id": row.imvdb_id,
        "video_url": row.url,
        "local_path": row.local_path,
        "thumbnail_url": row.thumbnail_url,
        "duration": row.duration,
        "year": row.year,
        "genres": row.genres or [],
        "quality": row.quality,
        "created_at": iso(row.created_at),
    }
