"""Searching artists."""

import json
from collections.abc import Sequence
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.artists.search import queries, rules, schemas
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import query_values
from fastapi_app.caching.caches import Question, answered
from fastapi_app.caching.tags import Tag
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/artists/search", route_class=Route, tags=["artists"])

_MEAN_DIGITS = 4
_TABLES = frozenset({Tag.ARTISTS, Tag.VIDEOS})


@router.get(
    "/advanced",
    dependencies=[require(Access.READ)],
    response_model=schemas.FoundArtists,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.SearchQuery),
    summary="Artists by many criteria",
)
async def search_artists(request: Request, session: Transaction) -> Response:
    """A page of the artists that meet every criterion, each with its number of videos."""
    values = query_values(request)
    wanted = rules.search(values)
    question = Question("artist search", _TABLES, tuple(sorted(values.items())))
    return await answered(request, session, question, lambda: _page_of(session, wanted))


async def _page_of(session: AsyncSession, wanted: rules.Search) -> JSON:
    total = await queries.count_found(session, wanted)
    rows = [row for row in await queries.page_of_found(session, wanted) if row.video_count in wanted.videos]
    return JSON(
        {
            "artists": [_found(row) for row in rows],
            "count": len(rows),
            "pagination": rules.paging(wanted, total),
            "analytics": rules.analytics(wanted, total),
        }
    )


@router.get(
    "/filters",
    dependencies=[require(Access.READ)],
    response_model=schemas.SearchFilters,
    responses=openapi.problems(),
    summary="Values to filter by",
)
async def search_filters(request: Request, session: Transaction) -> Response:
    """Every keyword, the span of dates and of video counts, and what share of the artists has what."""
    question = Question("artist filters", _TABLES)
    return await answered(request, session, question, lambda: _filters(session))


async def _filters(session: AsyncSession) -> JSON:
    keywords = await to_thread.run_sync(_words, await queries.keyword_lists(session))
    totals = await queries.totals(session)
    span = await queries.video_span(session)
    filters = {
        "keywords": sorted({word.strip() for word in keywords}),
        "date_range": {"earliest": iso(totals.earliest), "latest": iso(totals.latest)},
        "video_count_range": {
            "min": span.least or 0,
            "max": span.most or 0,
            "average": round(float(span.mean), _MEAN_DIGITS) if span.mean else 0,
        },
    }
    return JSON({"filters": filters, "statistics": _statistics(totals)})


@router.get(
    "/suggestions",
    dependencies=[require(Access.READ)],
    response_model=schemas.Suggestions,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.SuggestionQuery),
    summary="Names and keywords while typing",
)
async def suggest(request: Request, session: Transaction) -> JSON:
    """Names that contain what was typed, then keywords where there is room."""
    wanted = rules.typed(query_values(request))
    if wanted.is_too_short:
        return JSON({"suggestions": []})
    found = [{"text": name, "type": "artist_name"} for name in await queries.names_like(session, wanted)]
    if len(found) < wanted.limit:
        keywords = await to_thread.run_sync(_words, await queries.stored_keywords(session, wanted.text))
        matching = [word for word in keywords if wanted.text.lower() in word.lower()]
        found += [{"text": word, "type": "keyword"} for word in matching[: wanted.limit - len(found)]]
    return JSON({"suggestions": found, "query": wanted.text, "count": len(found)})


def _words(stored: Sequence[str]) -> list[str]:
    """The keywords in JSON texts. It may be thousands, so it is done in a thread."""
    return list(rules.words(json.loads(text) for text in stored))


def _statistics(totals: Record) -> dict[str, Any]:
    return {
        "total_artists": totals.artists,
        "monitored_artists": totals.monitored,
        "auto_download_artists": totals.auto_download,
        "artists_with_thumbnails": totals.pictured,
        "artists_with_imvdb": totals.imvdb,
        "monitoring_percentage": rules.share(totals.monitored, totals.artists),
        "thumbnail_coverage": rules.share(totals.pictured, totals.artists),
        "imvdb_coverage": rules.share(totals.imvdb, totals.artists),
    }


def _found(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "imvdb_id": row.imvdb_id,
        "thumbnail_url": row.thumbnail_url,
        "thumbnail_path": row.thumbnail_path,
        "auto_download": row.auto_download,
        "keywords": row.keywords or [],
        "monitored": row.monitored,
        "folder_path": row.folder_path,
        "last_discovery": iso(row.last_discovery),
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "video_count": row.video_count,
        "has_thumbnail": bool(row.thumbnail_url or row.thumbnail_path),
        "has_imvdb_data": bool(row.imvdb_id),
        "imvdb_metadata": row.imvdb_metadata,
    }
