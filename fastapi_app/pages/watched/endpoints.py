"""The page of watched playlists. What its buttons do is asked of the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app.bodies import query_values
from fastapi_app.monitors import queries, rules
from fastapi_app.monitors.sync.rules import URL_LENGTH, stored_key
from fastapi_app.pages.asking import Reader
from fastapi_app.pages.downloads.rights import rights_of
from fastapi_app.pages.markup import render
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction

router = APIRouter(route_class=Route, include_in_schema=False)

QUALITIES = ("best", "2160p", "1440p", "1080p", "720p", "480p")


@dataclass(frozen=True)
class Watched:
    """A playlist as the page shows it. `address` is empty where it is none of the web."""

    id: int
    name: str
    address: str
    channel: str
    count: int
    keywords: list[str]
    quality: str
    downloads: bool
    checked_at: datetime | None


@router.get("/youtube-playlists")
async def show_watched(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Every watched playlist, and whether YouTube can be asked at all."""
    query_values(request)
    rights = await rights_of(visitor, session)
    counts = await queries.video_counts(session)
    rows = await queries.monitors(session)
    return render(
        request,
        "youtube_playlists.html",
        visitor=visitor,
        place="playlists",
        watched=sorted((_watched(row, counts) for row in rows), key=lambda one: (one.name.casefold(), one.id)),
        has_key=bool(stored_key(await queries.settings(session, (rules.KEY,)))),
        rights=rights,
        qualities=QUALITIES,
        longest_name=rules.NAME_LENGTH,
        longest_address=URL_LENGTH,
    )


def _watched(row: Record, counts: Mapping[int, int]) -> Watched:
    return Watched(
        id=row.id,
        name=row.name,
        address=row.playlist_url if urlsplit(row.playlist_url).scheme in ("http", "https") else "",
        channel=row.channel_title or "",
        count=counts.get(row.id, 0),
        keywords=rules.keywords(row.keywords),
        quality=row.quality or "",
        downloads=bool(row.auto_download),
        checked_at=row.last_check if isinstance(row.last_check, datetime) else None,
    )
