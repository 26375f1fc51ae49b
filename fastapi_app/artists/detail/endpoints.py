"""Everything that an artist's page shows."""

from collections.abc import Sequence
from typing import Any

from anyio import to_thread
from fastapi import APIRouter

from fastapi_app import openapi
from fastapi_app.artists.changing import MISSING
from fastapi_app.artists.detail import queries, rules, schemas
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.errors import NotFound
from fastapi_app.models import INTEGER_MAX
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/artists", route_class=Route, tags=["artists"])

_MANY = 200
"""From this many rows on, the answer is written in a thread: it would keep the event loop for too long."""


@router.get(
    "/{artist_id:row}/detailed",
    dependencies=[require(Access.READ)],
    response_model=schemas.DetailedArtist,
    responses=openapi.problems(404),
    summary="One artist with its videos and downloads",
)
async def get_detailed(artist_id: int, session: Transaction) -> JSON:
    """One artist, all its videos and downloads, and what they come to."""
    artist = await queries.artist(session, artist_id) if artist_id <= INTEGER_MAX else None
    if artist is None:
        raise NotFound(MISSING)
    videos = await queries.videos(session, artist_id)
    downloads = await queries.downloads(session, artist_id)
    if len(videos) + len(downloads) >= _MANY:
        return await to_thread.run_sync(_page, artist, videos, downloads)
    return _page(artist, videos, downloads)


def _page(artist: Record, videos: Sequence[Record], downloads: Sequence[Record]) -> JSON:
    return JSON(
        {
            "id": artist.id,
            "name": artist.name,
            "imvdb_id": artist.imvdb_id,
            "thumbnail_url": artist.thumbnail_url,
            "thumbnail_path": artist.thumbnail_path,
            "auto_download": artist.auto_download,
            "keywords": artist.keywords or [],
            "monitored": artist.monitored,
            "folder_path": artist.folder_path,
            "last_discovery": iso(artist.last_discovery),
            "created_at": iso(artist.created_at),
            "updated_at": iso(artist.updated_at),
            "imvdb_metadata": artist.imvdb_metadata,
            "videos": [_video(row) for row in videos],
            "downloads": [_download(row) for row in downloads],
            "statistics": rules.statistics(videos),
        }
    )


def _video(row: Record) -> dict[str, Any]:
    dates = ("release_date", "discovered_date", "created_at", "updated_at")
    return {**row._asdict(), **{name: iso(getattr(row, name)) for name in dates}}


def _download(row: Record) -> dict[str, Any]:
    return {**row._asdict(), "download_date": iso(row.download_date)}
