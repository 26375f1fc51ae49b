"""What a setting may hold, who may change it, and what of it is shown. Pure."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from legacy_flask import fields
from legacy_flask.access import Access
from legacy_flask.errors import BadField, BadRequest
from legacy_flask.gate import GATE_SETTING, gate_is_open

MASK = "********"
_LONGEST_KEY = 255
_MOST_BYTES = 65_535
_SECRET_PARTS = ("password", "secret", "token", "api_key")
_PROTECTED_STARTS = ("simple_auth_", "auth_", "oauth_")
_WEBHOOKS = "webhooks_config"


def folded(key: str) -> str:
    """A name as the database compares it: `Pässword` finds the row `password`, so it is guarded like it."""
    kept = (char for char in unicodedata.normalize("NFKD", key) if unicodedata.category(char)[0] not in "CM")
    return "".join(kept).casefold().rstrip(" ")


def is_secret(key: str) -> bool:
    """Whether nobody ever reads this setting."""
    return any(part in folded(key) for part in _SECRET_PARTS)


def is_protected(key: str) -> bool:
    """Whether only an administrator may change this setting, gate or not."""
    return is_secret(key) or folded(key).startswith(_PROTECTED_STARTS)


def access_to_change(key: str, value: str | None, stored: str | None) -> Access:
    """Who may replace `stored` by `value`. Saving a page unchanged, masks included, administers nothing.

    Of a secret only its mask and emptiness count as unchanged: nobody learns it by trying.
    """
    if folded(key) == GATE_SETTING:
        opens = gate_is_open(value) and not gate_is_open(stored)
        return Access.ADMINISTER if opens else Access.CONFIGURE
    if not is_protected(key):
        return Access.CONFIGURE
    same = value == MASK or (not value and not stored) if is_secret(key) else value == stored
    return Access.CONFIGURE if same else Access.ADMINISTER


def access_to_delete(key: str) -> Access:
    return Access.ADMINISTER if is_protected(key) else Access.CONFIGURE


def shown(key: str, value: str | None) -> str | None:
    """The value that clients read."""
    if not value:
        return value
    if is_secret(key):
        return MASK
    return _without_secrets(value) if folded(key) == _WEBHOOKS else value


def kept(key: str, given: str | None, stored: str | None) -> str | None:
    """The value to store when a client writes `given`: masks stand for what is stored already."""
    if given is None:
        return None
    if is_secret(key):
        return stored if given == MASK else given
    return _with_secrets(given, stored) if folded(key) == _WEBHOOKS and MASK in given else given


def key_text(key: Any) -> str:
    return fields.text(key, "key", _LONGEST_KEY)


def one_change(body: Any) -> tuple[Any, str]:
    """Value and description of a change. Raises BadRequest."""
    if not isinstance(body, dict) or "value" not in body:
        raise BadRequest("Value is required")
    description = body.get("description", "")
    if description is not None and not isinstance(description, str):
        raise BadField("description", "text")
    fields.any_json(description, "description")
    return body["value"], _limited(description or "", "description")


def column_text(value: Any) -> str | None:
    """A JSON value as the text column kept it: true as 1, null as null."""
    if value is None:
        return None
    if isinstance(value, list | dict):
        raise BadField("value", "text, a number, true, false or null")
    return _limited(fields.text(value, "value", _MOST_BYTES), "value")


def many_changes(body: Any) -> Mapping[str, str]:
    """Texts by name. They pass through Python's `str`, as in 0.9: True, None, [1, 'a']. Raises BadRequest."""
    if not isinstance(body, dict) or "settings" not in body:
        raise BadRequest("Settings data is required")
    if not isinstance(body["settings"], dict):
        raise BadField("settings", "an object of values by name")
    return {key_text(key): _python_text(value, key) for key, value in body["settings"].items()}


def _python_text(value: Any, key: str) -> str:
    try:
        text = str(value)
    except ValueError:
        raise BadField(key, "a number of fewer digits") from None
    fields.any_json(text, key)
    return _limited(text, key)


def _limited(text: str, field: str) -> str:
    if len(text.encode("utf-8")) > _MOST_BYTES:
        raise BadField(field, f"text of at most {_MOST_BYTES} bytes")
    return text


def _without_secrets(value: str) -> str:
    try:
        content = json.loads(value)
    except (ValueError, RecursionError):
        return MASK
    masked = _mapped(content, lambda secret: MASK if secret else secret)
    return value if masked == content else json.dumps(masked)


def _with_secrets(value: str, stored: str | None) -> str:
    try:
        return json.dumps(_restored(json.loads(value), json.loads(stored or "{}")))
    except (ValueError, RecursionError):
        return value


def _mapped(content: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(content, dict):
        return {name: change(item) if name == "secret" else _mapped(item, change) for name, item in content.items()}
    return [_mapped(item, change) for item in content] if isinstance(content, list) else content


def _restored(given: Any, stored: Any) -> Any:
    """`given`, with every masked secret replaced by the stored one of the same place."""
    if isinstance(given, list):
        return [_restored(item, _stored_item(item, place, stored)) for place, item in enumerate(given)]
    if not isinstance(given, dict):
        return given
    before = stored if isinstance(stored, dict) else {}
    return {
        name: before.get(name, "") if name == "secret" and item == MASK else _restored(item, before.get(name))
        for name, item in given.items()
    }


def _stored_item(item: Any, place: int, stored: Any) -> Any:
    """An endpoint is known by its url, so that no secret is sent to another address; other items by their place."""
    items = stored if isinstance(stored, list) else []
    if isinstance(item, dict) and "url" in item:
        return next((one for one in items if isinstance(one, dict) and one.get("url") == item["url"]), None)
    return items[place] if place < len(items) else None
