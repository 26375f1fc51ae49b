"""What the library page shows, read leniently from its query."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from sqlalchemy import func, or_
from sqlalchemy.orm import Query, Session, contains_eager

from fastapi_app.models import Artist, Video, VideoStatus

PAGE_SIZES = (24, 48, 96)
LABELS = {
    VideoStatus.DOWNLOADED: "Downloaded",
    VideoStatus.WANTED: "Wanted",
    VideoStatus.DOWNLOADING: "Downloading",
    VideoStatus.FAILED: "Failed",
    VideoStatus.MONITORED: "Monitored",
    VideoStatus.IGNORED: "Ignored",
}
SORTS = {"title": "Title", "artist": "Artist", "year": "Newest year", "newest": "Recently added"}
_ORDERS: dict[str, tuple[Any, ...]] = {
    "title": (Video.title, Video.id),
    "artist": (Artist.name, Video.title, Video.id),
    "year": (Video.year.desc(), Video.title, Video.id),
    "newest": (Video.created_at.desc(), Video.id.desc()),
}
_LONGEST_SEARCH = 200
_LAST_PAGE = 999_999
_TONES = 8


@dataclass(frozen=True)
class View:
    """One view of the library."""

    search: str = ""
    status: VideoStatus | None = None
    sort: str = "title"
    page: int = 1
    page_size: int = PAGE_SIZES[0]

    def pages(self, matched: int) -> int:
        return max(1, -(-matched // self.page_size))

    def on_page_of(self, matched: int) -> "View":
        """The same, on the last page where the asked one is beyond the end."""
        return replace(self, page=min(self.page, self.pages(matched)))

    def link(self, **changes: Any) -> str:
        """The query of this view with some fields changed; any change but that of the page leads to the first."""
        other = replace(self, **{"page": 1, **changes})
        default = View()
        pairs = {
            "q": other.search,
            "status": other.status or "",
            "sort": "" if other.sort == default.sort else other.sort,
            "per_page": "" if other.page_size == default.page_size else str(other.page_size),
            "page": "" if other.page == 1 else str(other.page),
        }
        written = urlencode({name: value for name, value in pairs.items() if value})
        return f"?{written}" if written else ""


def read_view(query: Mapping[str, str]) -> View:
    """What makes no sense counts as absent."""
    size = _number(query.get("per_page", ""), PAGE_SIZES[0])
    sort = query.get("sort", "")
    return View(
        search=query.get("q", "").replace("\0", "").strip()[:_LONGEST_SEARCH],
        status=VideoStatus.__members__.get(query.get("status", "").upper()),
        sort=sort if sort in SORTS else "title",
        page=max(1, _number(query.get("page", ""), 1)),
        page_size=size if size in PAGE_SIZES else PAGE_SIZES[0],
    )


def count_matches(session: Session, search: str) -> dict[VideoStatus | None, int]:
    """How many videos match, by status; unknown statuses count under None."""
    counts: dict[VideoStatus | None, int] = {}
    query = session.query(Video.status, func.count(Video.id)).join(Artist, Video.artist_id == Artist.id)
    for status, count in _matching(query, search).group_by(Video.status):
        counts[status] = counts.get(status, 0) + count
    return counts


def page_of_videos(session: Session, view: View) -> list[dict[str, Any]]:
    """The videos of one page, as the template shows them."""
    videos = session.query(Video).join(Artist, Video.artist_id == Artist.id).options(contains_eager(Video.artist))
    query = _matching(videos, view.search)
    if view.status:
        query = query.filter(Video.status == view.status)
    rows = query.order_by(*_ORDERS[view.sort]).offset((view.page - 1) * view.page_size).limit(view.page_size)
    return [_card(video) for video in rows]


def _matching(query: Query[Any], search: str) -> Query[Any]:
    pattern = f"%{search}%"
    return query.filter(or_(Video.title.like(pattern), Artist.name.like(pattern))) if search else query


def _card(video: Video) -> dict[str, Any]:
    return {
        "id": video.id,
        "title": video.title,
        "artist": video.artist.name,
        "year": video.year if video.year and video.year > 0 else "",
        "badge": _badge(video),
        "state": video.status.lower() if video.status else "unknown",
        "tone": crc32(video.artist.name.encode(errors="replace")) % _TONES,
        "length": _length(video.duration),
        "has_picture": bool(video.thumbnail_path),
        "is_playable": bool(video.local_path),
    }


def _badge(video: Video) -> str:
    if video.status is VideoStatus.DOWNLOADED:
        return "" if video.local_path else "No file"
    return LABELS[video.status] if video.status else "Unknown"


def _length(seconds: int | None) -> str:
    """`225` is `3:45`, `3723` is `1:02:03`; nothing known is empty."""
    if not seconds or seconds < 0:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _number(text: str, default: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_PAGE))):
        return default
    return int(text)
