"""Webhooks: what may be saved of them, and what is shown. Pure.

The setting `webhooks_config` holds them all as one JSON text, `{"endpoints": [...]}`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest, Conflict, NotFound

SETTING = "webhooks_config"
EVENTS = {
    "artist.added": "New artist added to the system",
    "artist.updated": "Artist information updated",
    "artist.deleted": "Artist deleted from the system",
    "video.added": "New video added to the system",
    "video.updated": "Video information updated",
    "video.deleted": "Video deleted from the system",
    "video.downloaded": "Video successfully downloaded",
    "video.download_failed": "Video download failed",
    "download.started": "Download process started",
    "download.completed": "Download process completed",
    "download.failed": "Download process failed",
    "playlist.sync_started": "Playlist synchronization started",
    "playlist.sync_completed": "Playlist synchronization completed",
    "external.import_started": "External service import started",
    "external.import_completed": "External service import completed",
    "system.health_changed": "System health status changed",
    "system.error": "System error occurred",
}
_MASK = "***"
_MASKS = (_MASK, "********")
_MOST_BYTES = 65_535
_URL = 2_000
_SECRET = 500
_DEFAULTS: dict[str, Any] = {
    "secret": None,
    "events": [],
    "enabled": True,
    "max_retries": 3,
    "timeout": 30,
    "headers": {},
}
_BLANKS = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ONE_LINE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_CREDENTIALS = re.compile("auth|cookie|key|pass|secret|token")


def read_config(stored: str | None) -> dict[str, Any]:
    """The saved webhooks. Raises Conflict where they can't be read: writing would lose what is there."""
    try:
        content = json.loads(stored) if stored else {}
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict) and isinstance(content.get("endpoints", []), list):
        return content
    raise Conflict(f"The setting {SETTING} can't be read; mend it first")


def config_text(content: Mapping[str, Any]) -> str:
    """What the column keeps. Raises BadRequest for more than that."""
    text = json.dumps(content)
    if len(text) > _MOST_BYTES:
        raise BadRequest(f"All webhooks together may take {_MOST_BYTES} bytes")
    return text


def shown(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The webhooks as clients see them, without secrets."""
    return [_shown(entry) for entry in _entries(content)]


def add(content: dict[str, Any], body: Any) -> str:
    """Puts a new webhook into the configuration; its url. Raises BadRequest and Conflict."""
    if not isinstance(body, dict) or body.get("url") is None:
        raise BadRequest("URL is required")
    _refuse_problems(body)
    url: str = body["url"]
    if any(entry["url"] == url for entry in _entries(content)):
        raise Conflict("There is a webhook with this URL already")
    entry = {"url": url, **_DEFAULTS, **_read(body)}
    opening = [value for name, value in entry["headers"].items() if _opens(name)]
    if any(value in _MASKS for value in (entry["secret"], *opening)):
        raise BadRequest("A new webhook needs the secret itself, not what stands for it")
    content["endpoints"] = [*content.get("endpoints", []), entry]
    return url


def read_change(body: Any) -> dict[str, Any]:
    """The members of a change. Raises BadRequest."""
    if not isinstance(body, dict) or not body:
        raise BadRequest("Request data is required")
    given = {name: value for name, value in body.items() if name != "url"}
    _refuse_problems(given)
    return _read(given)


def change(content: dict[str, Any], url: str, members: Mapping[str, Any]) -> None:
    """Changes one webhook of the configuration; what stands for a secret leaves it. Raises NotFound."""
    entry = _named(content, url)
    headers = entry.get("headers")
    before: dict[str, Any] = headers if isinstance(headers, dict) else {}
    for name, value in members.items():
        if name == "headers":
            entry[name] = {key: _kept(key, text, before) for key, text in value.items()}
        elif not (name == "secret" and value in _MASKS):
            entry[name] = value


def remove(content: dict[str, Any], url: str) -> None:
    """Takes one webhook out of the configuration. Raises NotFound."""
    gone = _named(content, url)
    content["endpoints"] = [entry for entry in content["endpoints"] if entry is not gone]


def statistics(content: Mapping[str, Any]) -> dict[str, Any]:
    """How many webhooks there are, and how many ask for each event."""
    entries = [_shown(entry) for entry in _entries(content)]
    asked = [event for entry in entries for event in set(entry["events"])]
    enabled = len([entry for entry in entries if entry["enabled"]])
    return {
        "total_endpoints": len(entries),
        "enabled_endpoints": enabled,
        "disabled_endpoints": len(entries) - enabled,
        "event_types_used": sorted(set(asked)),
        "endpoints_by_event": {event: asked.count(event) for event in asked},
    }


def validate(body: Any) -> list[str]:
    """Everything that is wrong with a webhook. Raises BadRequest where there is none."""
    if not isinstance(body, dict) or not body:
        raise BadRequest("Request data is required")
    return problems(body) if body.get("url") else ["URL is required", *problems({**body, "url": None})]


def problems(body: Mapping[str, Any]) -> list[str]:
    """What is wrong with the members of a body. Null is never wrong: it means the default."""
    given = {name: value for name, value in body.items() if value is not None}
    found = _url_problems(given["url"]) if "url" in given else []
    if "secret" in given and not (isinstance(given["secret"], str) and len(given["secret"]) <= _SECRET):
        found.append(f"secret must be text of at most {_SECRET} characters")
    if "events" in given:
        found += _event_problems(given["events"])
    if "enabled" in given:
        found += _truth_problems(given["enabled"])
    if "max_retries" in given:
        found += _number_problems(given["max_retries"], "max_retries", range(11), "0 and 10")
    if "timeout" in given:
        found += _number_problems(given["timeout"], "timeout", range(1, 301), "1 and 300 seconds")
    if "headers" in given:
        found += _header_problems(given["headers"])
    return found


def _url_problems(url: Any) -> list[str]:
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return ["URL must start with http:// or https://"]
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if host and len(url) <= _URL and not _BLANKS.search(url):
        return []
    return [f"URL must name a host, without spaces, in at most {_URL} characters"]


def _event_problems(events: Any) -> list[str]:
    if not isinstance(events, list) or any(not isinstance(event, str) for event in events):
        return ["events must be a list of names"]
    return [f"Invalid event type: {event}" for event in events if event not in EVENTS]


def _truth_problems(value: Any) -> list[str]:
    try:
        fields.truth(value, "enabled", default=True)
    except BadField as refusal:
        return [refusal.message]
    return []


def _number_problems(value: Any, name: str, allowed: range, told: str) -> list[str]:
    try:
        number = fields.optional_integer(value, name)
    except BadField:
        return [f"{name} must be a number"]
    return [] if number in allowed else [f"{name} must be between {told}"]


def _header_problems(headers: Any) -> list[str]:
    if not isinstance(headers, dict):
        return ["headers must be a dictionary"]
    for name, text in headers.items():
        if not (_NAME.fullmatch(name) and isinstance(text, str) and _ONE_LINE.fullmatch(text)):
            return ["headers must hold names and one-line texts that HTTP can carry"]
    return []


def _refuse_problems(body: Mapping[str, Any]) -> None:
    found = problems(body)
    if found:
        raise BadRequest(found[0])


def _read(body: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a body that is in order, as they are saved."""
    read = {name: body[name] if body[name] is not None else _DEFAULTS[name] for name in _DEFAULTS if name in body}
    for name in {"max_retries", "timeout"} & set(read):
        read[name] = fields.optional_integer(read[name], name)
    if "enabled" in read:
        read["enabled"] = bool(read["enabled"])
    if "events" in read:
        read["events"] = list(dict.fromkeys(read["events"]))
    if "secret" in read:
        read["secret"] = read["secret"] or None
    return read


def _entries(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries that are webhooks; one edited by hand may hold others, which stay."""
    stored = content.get("endpoints", [])
    return [entry for entry in stored if isinstance(entry, dict) and isinstance(entry.get("url"), str)]


def _named(content: Mapping[str, Any], url: str) -> dict[str, Any]:
    found = next((entry for entry in _entries(content) if entry["url"] == url), None)
    if found is None:
        raise NotFound("Webhook endpoint not found")
    return found


def _opens(header: str) -> bool:
    """Whether a header is a credential by its name."""
    return _CREDENTIALS.search(header.lower()) is not None


def _kept(name: str, text: str, before: Mapping[str, Any]) -> str:
    if not (_opens(name) and text in _MASKS):
        return text
    old = before.get(name, "")
    return old if isinstance(old, str) else ""


def _shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    events, headers = entry.get("events"), entry.get("headers")
    texts = {k: v for k, v in headers.items() if isinstance(v, str)} if isinstance(headers, dict) else {}
    return {
        "url": entry["url"],
        "secret": _MASK if entry.get("secret") else None,
        "events": [event for event in events if isinstance(event, str)] if isinstance(events, list) else [],
        "enabled": entry.get("enabled", True) is True,
        "max_retries": _whole(entry, "max_retries"),
        "timeout": _whole(entry, "timeout"),
        "headers": {name: _MASK if text and _opens(name) else text for name, text in texts.items()},
    }


def _whole(entry: Mapping[str, Any], name: str) -> int:
    stored = entry.get(name)
    return stored if isinstance(stored, int) and not isinstance(stored, bool) else _DEFAULTS[name]
