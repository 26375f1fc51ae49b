"""Watched playlists: what they hold, and what a client may change of them. Pure."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest

NAME_LENGTH = 255
QUALITY_LENGTH = 50
RECENT = 5
MISSING = "Playlist monitor not found"
MASK = "********"

METUBE_HOST = "metube_host"
METUBE_PORT = "metube_port"
KEY = "youtube_api_key"
SETTINGS = (KEY, METUBE_HOST, METUBE_PORT)


def keywords(stored: Any) -> list[str]:
    """The keywords in a stored value: a JSON text inside JSON, as 0.9 wrote it, or a list."""
    if isinstance(stored, str):
        try:
            stored = json.loads(stored)
        except (ValueError, RecursionError):
            return []
    return [word for word in stored if isinstance(word, str)] if isinstance(stored, list) else []


def changes(body: Any) -> dict[str, Any]:
    """The columns that a change sets. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    found = {name: read(body[name]) for name, read in _CHANGES.items() if name in body}
    if not found:
        raise BadRequest("No valid fields to update")
    return found


def deletes_videos(query: Mapping[str, str]) -> bool:
    """Whether the videos go, too: only for the word true."""
    return query.get("delete_videos", "").lower() == "true"


def status(settings: Mapping[str, str | None]) -> dict[str, Any]:
    """Whether YouTube is set up. The key itself is shown to nobody."""
    is_configured = bool((settings.get(KEY) or "").strip())
    host, port = settings.get(METUBE_HOST) or "localhost", settings.get(METUBE_PORT) or "8081"
    return {
        "configured": is_configured,
        "api_key": MASK if is_configured else None,
        "metube_url": f"http://{host}:{port}",
    }


def _text(field: str, limit: int) -> Callable[[Any], str]:
    return lambda value: fields.text(value, field, limit)


def _auto_download(value: Any) -> bool:
    if value is None:
        raise BadField("auto_download", "true or false")
    return fields.boolean(value, "auto_download", default=False)


def stored_keywords(value: Any) -> str:
    """A list of texts as 0.9 stored it: as a JSON text. Raises BadField."""
    if value is not None and not (isinstance(value, list) and all(isinstance(word, str) for word in value)):
        raise BadField("keywords", "a list of texts")
    return json.dumps(fields.storable(value or [], "keywords"))


_CHANGES: dict[str, Callable[[Any], Any]] = {
    "name": _text("name", NAME_LENGTH),
    "auto_download": _auto_download,
    "quality": _text("quality", QUALITY_LENGTH),
    "keywords": stored_keywords,
}
