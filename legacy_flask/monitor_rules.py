"""Watched playlists: what they hold, and what a client may change of them. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest

MASK = "********"


def read_keywords(stored: Any) -> list[str]:
    """The keywords in a stored value, which 0.9 wrote as a JSON text inside JSON."""
    if isinstance(stored, str):
        try:
            stored = json.loads(stored)
        except (ValueError, RecursionError):
            stored = None
    return [word for word in stored if isinstance(word, str)] if isinstance(stored, list) else []


def changes(body: Any) -> dict[str, Any]:
    """The columns that a change sets. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    found: dict[str, Any] = {}
    if "name" in body:
        found["name"] = fields.text(body["name"], "name", 255)
    if "auto_download" in body:
        found["auto_download"] = _truth(body["auto_download"])
    if "quality" in body:
        found["quality"] = fields.text(body["quality"], "quality", 50)
    if "keywords" in body:
        found["keywords"] = _keywords(body["keywords"])
    if not found:
        raise BadRequest("No valid fields to update")
    return found


def takes_videos(query: Mapping[str, str]) -> bool:
    """Whether the videos go, too: only for the word true."""
    return query.get("delete_videos", "false").lower() == "true"


def youtube_status(key: str | None, host: str | None, port: str | None) -> dict[str, Any]:
    """Whether YouTube is set up. The key itself is shown to nobody."""
    configured = key is not None and key.strip() != ""
    return {
        "configured": configured,
        "api_key": MASK if configured else None,
        "metube_url": f"http://{host or 'localhost'}:{port or '8081'}",
    }


def _truth(value: Any) -> bool:
    if value is None:
        raise BadField("auto_download", "true or false")
    return fields.truth(value, "auto_download", default=False)


def _keywords(value: Any) -> str:
    if value is None:
        value = []
    if not isinstance(value, list) or any(not isinstance(word, str) for word in value):
        raise BadField("keywords", "a list of texts")
    return json.dumps(fields.any_json(value, "keywords"))
