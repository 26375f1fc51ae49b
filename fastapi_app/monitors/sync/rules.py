"""Reading which playlist to watch, and saying what a look at playlists brought. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.monitors import rules
from fastapi_app.monitors.sync.films import member, text

URL_LENGTH = 500
QUALITY = "720p"
NO_KEY = "YouTube API key not configured. Please set youtube_api_key in settings."
NO_URL = "playlist_url is required"
BAD_URL = "Invalid YouTube playlist URL"
HIDDEN = "Playlist not found or private"
WATCHED = "Playlist is already being monitored"
_LIST = re.compile(r"[?&]list=([A-Za-z0-9_-]{2,100})(?![A-Za-z0-9_-])")


@dataclass(frozen=True)
class Wish:
    """What a client wants watched. `name` None: the playlist's own."""

    url: str
    name: str | None
    auto_download: bool
    quality: str
    keywords: str | None


@dataclass
class Synced:
    """What one look at a playlist brought."""

    total_videos: int = 0
    new_videos: int = 0
    updated_videos: int = 0
    downloaded_videos: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, stored: int, downloads: int) -> None:
        self.new_videos += stored
        self.downloaded_videos += downloads

    def shown(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Round:
    """What a look at all playlists brought."""

    total_playlists: int
    synced_playlists: int = 0
    total_new_videos: int = 0
    total_downloads: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, one: Synced) -> None:
        self.synced_playlists += 1
        self.total_new_videos += one.new_videos
        self.total_downloads += one.downloaded_videos

    def shown(self) -> dict[str, Any]:
        return {"success": True, "message": self.message, "results": asdict(self)}

    def shown_flat(self) -> dict[str, Any]:
        """For the settings page."""
        return {
            "success": self.synced_playlists > 0 or not self.errors,
            "synced_count": self.synced_playlists,
            "new_videos": self.total_new_videos,
            "message": "; ".join([self.message, *self.errors[:1]]),
        }

    @property
    def message(self) -> str:
        return f"Synced {self.synced_playlists} of {self.total_playlists} playlists, {self.total_new_videos} new videos"


def wish(body: Any) -> Wish:
    """Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    if not body.get("playlist_url"):
        raise BadRequest(NO_URL)
    name = fields.text_or_none(body.get("name"), "name", rules.NAME_LENGTH)
    quality = fields.text_or_none(body.get("quality"), "quality", rules.QUALITY_LENGTH)
    keywords = rules.stored_keywords(body.get("keywords"))
    return Wish(
        url=_url(body["playlist_url"]),
        name=name or None,
        auto_download=fields.boolean(body.get("auto_download"), "auto_download", default=True),
        quality=quality or QUALITY,
        keywords=keywords if body.get("keywords") else None,
    )


def playlist_id(url: str) -> str:
    """The id in an address of a playlist. Raises BadRequest."""
    found = _LIST.search(url)
    if found is None:
        raise BadRequest(BAD_URL)
    return found[1]


def key_in(settings: Mapping[str, str | None]) -> str:
    """The key of YouTube. Raises BadRequest where none is set."""
    key = stored_key(settings)
    if not key:
        raise BadRequest(NO_KEY)
    return key


def stored_key(settings: Mapping[str, str | None]) -> str:
    """The key of YouTube, empty where none is set."""
    return (settings.get(rules.KEY) or "").strip()


@dataclass(frozen=True)
class Facts:
    """What YouTube says of a playlist itself."""

    title: str
    channel_title: str | None
    channel_id: str | None


def facts(playlist: Mapping[str, Any]) -> Facts:
    snippet = member(playlist, "snippet")
    return Facts(
        text(snippet.get("title"))[: rules.NAME_LENGTH],
        text(snippet.get("channelTitle"))[: rules.NAME_LENGTH] or None,
        text(snippet.get("channelId"))[:100] or None,
    )


def batches(found: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """`found` in parts of at most `size`."""
    return [found[start : start + size] for start in range(0, len(found), size)]


def _url(value: Any) -> str:
    if not isinstance(value, str):
        raise BadField("playlist_url", "text")
    return fields.text(value.strip(), "playlist_url", URL_LENGTH)
