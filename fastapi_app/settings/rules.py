"""What a setting may hold, who may change it, and what of it is shown. Pure."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from fastapi_app import fields
from fastapi_app.auth.access import Access
from fastapi_app.auth.gate import GATE_SETTING, gate_is_open
from fastapi_app.errors import BadField, BadRequest

MASK = "********"
KEY_LENGTH = 255
TEXT_BYTES = 65_535
WEBHOOKS = "webhooks_config"

_SECRET_WORDS = ("password", "secret", "token", "api_key")
_PROTECTED_PREFIXES = ("simple_auth_", "auth_", "oauth_")
_SECRET_MEMBER = "secret"  # noqa: S105 - the name of a member, not a secret


def folded(key: str) -> str:
    """A key as the database compares it: without case, accents and invisible characters.

    `Pässword` finds the row `password`, so it must be guarded like it.
    """
    if key.isascii() and key.isprintable():
        return key.lower().rstrip(" ")
    plain = unicodedata.normalize("NFKD", key)
    return "".join(char for char in plain if unicodedata.category(char)[0] not in "CM").casefold().rstrip(" ")


def is_secret(key: str) -> bool:
    """Whether nobody ever reads this setting."""
    plain = folded(key)
    return any(word in plain for word in _SECRET_WORDS)


def is_protected(key: str) -> bool:
    """Whether only administrators change this setting, gate or not."""
    return is_secret(key) or folded(key).startswith(_PROTECTED_PREFIXES)


def shown(key: str, value: str | None) -> str | None:
    """What a reader gets to see of a stored value."""
    if not value:
        return value
    if is_secret(key):
        return MASK
    return _masked_webhooks(value) if folded(key) == WEBHOOKS else value


def merged(key: str, value: str | None, stored: str | None) -> str | None:
    """The value to store when `value` was sent: masks stand for what is stored already."""
    if value is None:
        return None
    if is_secret(key):
        return stored if value == MASK else value
    return _unmasked_webhooks(value, stored) if folded(key) == WEBHOOKS and MASK in value else value


def access_to_change(key: str, value: str | None, stored: str | None) -> Access:
    """Who may replace `stored` by `value`. Saving a page unchanged, masks included, administers nothing.

    Nobody may learn a secret by trying which value counts as unchanged, so a secret counts as changed unless its
    mask, or the emptiness that everybody sees, was sent back.
    """
    if folded(key) == GATE_SETTING:
        return Access.ADMINISTER if gate_is_open(value) and not gate_is_open(stored) else Access.CONFIGURE
    if not is_protected(key):
        return Access.CONFIGURE
    unchanged = value == MASK or not (value or stored) if is_secret(key) else value == stored
    return Access.CONFIGURE if unchanged else Access.ADMINISTER


def access_to_delete(key: str) -> Access:
    return Access.ADMINISTER if is_protected(key) else Access.CONFIGURE


def checked_key(key: str) -> str:
    return fields.text(key, "key", KEY_LENGTH)


def column_text(value: Any) -> str | None:
    """A JSON value as the column kept it in 0.9: true as 1, null as null. Raises BadField for lists and objects."""
    if value is None:
        return None
    if isinstance(value, list | dict):
        raise BadField("value", "text, a number, true, false or null")
    return limited(fields.text(value, "value", TEXT_BYTES), "value")


def python_text(value: Any, key: str) -> str:
    """A JSON value as the bulk route of 0.9 wrote it: True, None, [1, 'a']."""
    try:
        return limited(fields.plain(str(value), key), key)
    except (ValueError, RecursionError):
        raise BadField(key, "a shorter number, or JSON of fewer levels") from None


def limited(text: str, field: str) -> str:
    if len(text.encode("utf-8")) > TEXT_BYTES:
        raise BadField(field, f"text of at most {TEXT_BYTES} bytes")
    return text


def one_change(body: Any) -> tuple[Any, str | None]:
    """Value and description of one change. Raises BadRequest."""
    if not isinstance(body, dict) or "value" not in body:
        raise BadRequest("Value is required")
    description = body.get("description", "")
    if description is not None and not isinstance(description, str):
        raise BadField("description", "text")
    return body["value"], limited(fields.plain(description or "", "description"), "description")


def many_changes(body: Any) -> Mapping[str, str]:
    """Texts by key. Raises BadRequest."""
    if not isinstance(body, dict) or "settings" not in body:
        raise BadRequest("Settings data is required")
    if not isinstance(body["settings"], dict):
        raise BadField("settings", "an object of values by name")
    return {checked_key(key): python_text(value, key) for key, value in body["settings"].items()}


def _masked_webhooks(value: str) -> str:
    try:
        content = json.loads(value)
    except (ValueError, RecursionError):
        return MASK
    masked = _replaced(content, lambda secret: MASK if secret else secret)
    return value if masked == content else json.dumps(masked)


def _unmasked_webhooks(value: str, stored: str | None) -> str:
    try:
        sent, kept = json.loads(value), json.loads(stored or "{}")
    except (ValueError, RecursionError):
        return value
    return json.dumps(_restored(sent, kept))


def _replaced(content: Any, replace: Callable[[Any], Any]) -> Any:
    if isinstance(content, list):
        return [_replaced(item, replace) for item in content]
    if isinstance(content, dict):
        return {
            name: replace(item) if name == _SECRET_MEMBER else _replaced(item, replace)
            for name, item in content.items()
        }
    return content


def _restored(sent: Any, kept: Any) -> Any:
    """`sent` with every masked secret replaced by the one at the same place in `kept`."""
    if isinstance(sent, list):
        return [_restored(item, _counterpart(item, index, kept)) for index, item in enumerate(sent)]
    if not isinstance(sent, dict):
        return sent
    old = kept if isinstance(kept, dict) else {}
    return {
        name: old.get(name, "") if name == _SECRET_MEMBER and item == MASK else _restored(item, old.get(name))
        for name, item in sent.items()
    }


def _counterpart(item: Any, index: int, kept: Any) -> Any:
    """The stored item that `item` was: the one with the same url, so that no secret goes to another address."""
    others = kept if isinstance(kept, list) else []
    if isinstance(item, dict) and "url" in item:
        return next((other for other in others if isinstance(other, dict) and other.get("url") == item["url"]), None)
    return others[index] if index < len(others) else None
