"""The webhooks as the setting `webhooks_config` holds them, and what of them is shown. Pure.

The setting is one JSON text, `{"endpoints": [...]}`. Members that nobody here knows are kept as they are.
"""

import json
from collections.abc import Mapping
from typing import Any

from fastapi_app.errors import BadRequest, Conflict, NotFound
from fastapi_app.webhooks import validation

SETTING = "webhooks_config"
MASK = "***"
MASKS = frozenset({MASK, "********"})
"""What stands for a secret that is set: as 0.9 showed it here, and as the settings show it."""

TEXT_BYTES = 65_535
_SECRET_WORDS = ("auth", "cookie", "key", "pass", "secret", "token")

Endpoint = dict[str, Any]


def config(stored: str | None) -> dict[str, Any]:
    """The saved configuration. Raises Conflict for one that can't be read: writing would lose what is in it."""
    try:
        found = json.loads(stored or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("endpoints", []), list):
        raise Conflict(f"The setting {SETTING} can't be read; mend it first")
    return found


def text(content: Mapping[str, Any]) -> str:
    """The configuration as it is saved. Raises BadRequest where the column is too small for it."""
    written = json.dumps(content)
    if len(written) > TEXT_BYTES:
        raise BadRequest(f"All webhooks together may take {TEXT_BYTES} bytes")
    return written


def endpoints(content: Mapping[str, Any]) -> list[Endpoint]:
    """The entries that are webhooks; a file edited by hand may hold others."""
    return [one for one in content.get("endpoints", []) if _is_endpoint(one)]


def shown(endpoint: Endpoint) -> Endpoint:
    """One webhook as clients see it. Of secrets, they see whether there is one."""
    headers = _texts(endpoint.get("headers"))
    return {
        "url": endpoint["url"],
        "secret": MASK if endpoint.get("secret") else None,
        "events": _events(endpoint),
        "enabled": _is_enabled(endpoint),
        "max_retries": _number(endpoint, "max_retries", validation.RETRIES),
        "timeout": _number(endpoint, "timeout", validation.SECONDS),
        "headers": {name: MASK if _is_credential(name, value) else value for name, value in headers.items()},
    }


def added(content: Mapping[str, Any], body: Any) -> tuple[dict[str, Any], str]:
    """The configuration with one more webhook, and its url. Raises BadRequest, or Conflict for a url it has."""
    if not isinstance(body, dict) or body.get("url") is None:
        raise BadRequest("URL is required")
    checked = _checked(body)
    url: str = body["url"]
    if _place(content, url) is not None:
        raise Conflict("There is a webhook with this URL already")
    endpoint = {"url": url, **validation.values({**dict.fromkeys(_DEFAULTED), **checked})}
    if endpoint["secret"] in MASKS or not MASKS.isdisjoint(_credentials(endpoint["headers"])):
        raise BadRequest("A new webhook needs the secret itself, not what stands for it")
    return {**content, "endpoints": [*content.get("endpoints", []), endpoint]}, url


def checked_change(body: Any) -> dict[str, Any]:
    """The members of a change. Raises BadRequest."""
    if not isinstance(body, dict) or not body:
        raise BadRequest("Request data is required")
    return validation.values(_checked({name: value for name, value in body.items() if name != "url"}))


def changed(content: Mapping[str, Any], url: str, change: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration after a change to one webhook; masks leave secrets as they are. Raises NotFound."""
    place = _found(content, url)
    entries = list(content["endpoints"])
    old = entries[place]
    new = {**old, **change}
    if change.get("secret") in MASKS:
        new["secret"] = old.get("secret")
    if "headers" in change:
        new["headers"] = _unmasked(change["headers"], _texts(old.get("headers")))
    entries[place] = new
    return {**content, "endpoints": entries}


def removed(content: Mapping[str, Any], url: str) -> dict[str, Any]:
    """The configuration without one webhook. Raises NotFound."""
    place = _found(content, url)
    entries = list(content["endpoints"])
    return {**content, "endpoints": [*entries[:place], *entries[place + 1 :]]}


def statistics(content: Mapping[str, Any]) -> dict[str, Any]:
    """How many webhooks there are, and which events are asked for. One that names no event gets all, uncounted."""
    entries = endpoints(content)
    enabled = sum(_is_enabled(entry) for entry in entries)
    counts: dict[str, int] = {}
    for event in (event for entry in entries for event in dict.fromkeys(_events(entry))):
        counts[event] = counts.get(event, 0) + 1
    return {
        "total_endpoints": len(entries),
        "enabled_endpoints": enabled,
        "disabled_endpoints": len(entries) - enabled,
        "event_types_used": sorted(counts),
        "endpoints_by_event": counts,
    }


def validated(body: Any) -> list[str]:
    """What is wrong with a webhook that somebody would like to save. Raises BadRequest where there is none."""
    if not isinstance(body, dict) or not body:
        raise BadRequest("Request data is required")
    return [
        *([] if body.get("url") else ["URL is required"]),
        *validation.problems({**body, "url": body.get("url") or None}),
    ]


_DEFAULTED = ("secret", "events", "enabled", "max_retries", "timeout", "headers")


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    found = validation.problems(body)
    if found:
        raise BadRequest(found[0])
    return body


def _is_endpoint(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("url"), str)


def _place(content: Mapping[str, Any], url: str) -> int | None:
    entries = content.get("endpoints", [])
    return next((place for place, entry in enumerate(entries) if _is_endpoint(entry) and entry["url"] == url), None)


def _found(content: Mapping[str, Any], url: str) -> int:
    place = _place(content, url)
    if place is None:
        raise NotFound("Webhook endpoint not found")
    return place


def _is_enabled(endpoint: Endpoint) -> bool:
    return endpoint.get("enabled", True) is True


def _events(endpoint: Endpoint) -> list[str]:
    stored = endpoint.get("events")
    return [event for event in stored if isinstance(event, str)] if isinstance(stored, list) else []


def _number(endpoint: Endpoint, name: str, default: int) -> int:
    stored = endpoint.get(name)
    return stored if isinstance(stored, int) and not isinstance(stored, bool) else default


def _texts(stored: Any) -> dict[str, str]:
    return {name: value for name, value in stored.items() if isinstance(value, str)} if isinstance(stored, dict) else {}


def _is_credential(name: str, value: str) -> bool:
    """Whether a header opens something: `Authorization`, `X-Api-Key`."""
    return bool(value) and any(word in name.lower() for word in _SECRET_WORDS)


def _credentials(headers: Mapping[str, str]) -> list[str]:
    return [value for name, value in headers.items() if _is_credential(name, value)]


def _unmasked(sent: Mapping[str, str], old: Mapping[str, str]) -> dict[str, str]:
    return {
        name: old.get(name, "") if value in MASKS and _is_credential(name, value) else value
        for name, value in sent.items()
    }
