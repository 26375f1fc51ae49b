"""Reading which playlist to watch, and the words of the answers. Pure."""

import json
import re
from typing import Any

from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest
from legacy_flask.playlist_films import inner, words

YOUTUBE_KEY = "youtube_api_key"
NO_KEY = "YouTube API key not configured. Please set youtube_api_key in settings."
HIDDEN = "Playlist not found or private"
WATCHED = "Playlist is already being monitored"


def new_monitor(body: Any) -> dict[str, Any]:
    """The columns that a body names; an absent name is None. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    if not body.get("playlist_url"):
        raise BadRequest("playlist_url is required")
    name = fields.optional_text(body.get("name"), "name", 255)
    quality = fields.optional_text(body.get("quality"), "quality", 50)
    keywords = _keywords(body.get("keywords"))
    if not isinstance(body["playlist_url"], str):
        raise BadField("playlist_url", "text")
    return {
        "playlist_url": fields.text(body["playlist_url"].strip(), "playlist_url", 500),
        "name": name or None,
        "auto_download": fields.truth(body.get("auto_download"), "auto_download", default=True),
        "quality": quality or "720p",
        "keywords": json.dumps(keywords) if keywords else None,
    }


def playlist_id(url: str) -> str:
    """The id in an address of a playlist. Raises BadRequest."""
    found = re.search(r"[?&]list=([A-Za-z0-9_-]{2,100})(?![A-Za-z0-9_-])", url)
    if found is None:
        raise BadRequest("Invalid YouTube playlist URL")
    return found.group(1)


def described(playlist: Any) -> dict[str, Any]:
    """The columns that YouTube tells of a playlist; the name may be empty."""
    snippet = inner(playlist, "snippet")
    return {
        "name": words(snippet.get("title"))[:255],
        "channel_title": words(snippet.get("channelTitle"))[:255] or None,
        "channel_id": words(snippet.get("channelId"))[:100] or None,
    }


def round_message(synced: int, total: int, new: int) -> str:
    return f"Synced {synced} of {total} playlists, {new} new videos"


def _keywords(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or any(not isinstance(word, str) for word in value):
        raise BadField("keywords", "a list of texts")
    found: list[str] = fields.any_json(value, "keywords")
    return found
