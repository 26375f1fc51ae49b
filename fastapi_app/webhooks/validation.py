"""What may be saved of a webhook. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from fastapi_app import fields
from fastapi_app.errors import BadField
from fastapi_app.webhooks.events import EVENTS

MOST_RETRIES = 10
MOST_SECONDS = 300
LONGEST_URL = 2_000
LONGEST_SECRET = 500

_SCHEMES = ("http://", "https://")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def problems(body: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with the members of `body`, in the order of the fields."""
    return [problem for name, check in _CHECKS.items() if body.get(name) is not None for problem in check(body[name])]


def values(body: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a body without problems, as they are saved. Null means the default."""
    return {name: _READERS[name](body[name]) for name in _READERS if name in body}


def _url(value: Any) -> list[str]:
    if not isinstance(value, str) or not value.startswith(_SCHEMES):
        return ["URL must start with http:// or https://"]
    if len(value) > LONGEST_URL or _UNPRINTABLE.search(value) or not _has_host(value):
        return [f"URL must name a host, without spaces, in at most {LONGEST_URL} characters"]
    return []


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _secret(value: Any) -> list[str]:
    if isinstance(value, str) and len(value) <= LONGEST_SECRET:
        return []
    return [f"secret must be text of at most {LONGEST_SECRET} characters"]


def _events(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(event, str) for event in value):
        return ["events must be a list of names"]
    return [f"Invalid event type: {event}" for event in value if event not in EVENTS]


def _enabled(value: Any) -> list[str]:
    try:
        fields.boolean(value, "enabled", default=True)
    except BadField as refusal:
        return [refusal.message]
    return []


def _number(name: str, least: int, most: int, unit: str = "") -> Callable[[Any], list[str]]:
    def check(value: Any) -> list[str]:
        try:
            number = fields.integer_or_none(value, name)
        except BadField:
            return [f"{name} must be a number"]
        fits = number is not None and least <= number <= most
        return [] if fits else [f"{name} must be between {least} and {most}{unit}"]

    return check


def _headers(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return ["headers must be a dictionary"]
    wrong = [name for name, text in value.items() if not _is_header(name, text)]
    return ["headers must hold names and one-line texts that HTTP can carry"] if wrong else []


def _is_header(name: str, value: Any) -> bool:
    return bool(_HEADER_NAME.fullmatch(name)) and isinstance(value, str) and bool(_HEADER_VALUE.fullmatch(value))


_CHECKS: dict[str, Callable[[Any], list[str]]] = {
    "url": _url,
    "secret": _secret,
    "events": _events,
    "enabled": _enabled,
    "max_retries": _number("max_retries", 0, MOST_RETRIES),
    "timeout": _number("timeout", 1, MOST_SECONDS, " seconds"),
    "headers": _headers,
}


def _or_default(name: str, default: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        number = fields.integer_or_none(value, name)
        return default if number is None else number

    return read


RETRIES = 3
SECONDS = 30
_READERS: dict[str, Callable[[Any], Any]] = {
    "secret": lambda value: value or None,
    "events": lambda value: list(dict.fromkeys(value or [])),
    "enabled": lambda value: fields.boolean(value, "enabled", default=True),
    "max_retries": _or_default("max_retries", RETRIES),
    "timeout": _or_default("timeout", SECONDS),
    "headers": lambda value: dict(value or {}),
}
