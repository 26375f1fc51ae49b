"""The headers of two answers, compared. Pure."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any

from router.comparison.answer import Answer
from router.comparison.mismatch import Kind
from router.comparison.rules import Rules
from router.comparison.settling import NEAR, by_chance, settle

HEADERS = (
    "accept-ranges",
    "allow",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-range",
    "content-security-policy",
    "content-type",
    "etag",
    "last-modified",
    "location",
    "permissions-policy",
    "referrer-policy",
    "retry-after",
    "strict-transport-security",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
)
"""Headers that a client may go by. Of Set-Cookie the names and attributes count."""

OWN = frozenset({"x-served-by", "x-strangler-explain", "x-strangler-fallback"})
STATIC = OWN | {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"}
"""Headers that are of the server or of the moment. Content-Length says nothing that the bodies do not say."""
_IDS = re.compile(
    r"x-(.*-)?(request|trace|correlation|span)-?id|traceparent|tracestate|server-timing|x-runtime|x-.*-time"
)
_VALIDATORS = frozenset({"etag", "last-modified"})
_LISTS = frozenset({"allow", "vary"})

Finding = tuple[str, Any, Any, Kind]


def differing_headers(
    control: Answer, candidate: Answer, rules: Rules, at: datetime, *, same_content: bool
) -> Iterator[Finding]:
    """Each header that differs, as ``header:name``."""
    for name in (*HEADERS, "set-cookie", *(_others(control, candidate) if rules.live else ())):
        if rules.live and same_content and name in _VALIDATORS:
            continue
        left, right = (_header(answer, name, rules, at) for answer in (control, candidate))
        if left != right:
            yield f"header:{name}", left, right, _kind(name, left, right)


def media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _kind(name: str, control: Any, candidate: Any) -> Kind:
    if name == "content-type":
        same = media_type(control) == media_type(candidate)
        return Kind.HEADER if same else Kind.CONTENT_TYPE
    return Kind.VALUE if name in HEADERS or name == "set-cookie" else Kind.HEADER


def _others(control: Answer, candidate: Answer) -> list[str]:
    names = {name for answer in (control, candidate) for name, _ in answer.headers}
    return sorted(name for name in names - {*HEADERS, *STATIC, "set-cookie"} if not _IDS.fullmatch(name))


def _header(answer: Answer, name: str, rules: Rules, at: datetime) -> Any:
    if name == "set-cookie":
        return sorted(map(_cookie, answer.all(name)))
    value = answer.header(name)
    if value is None:
        return None
    if name in _LISTS:
        return ", ".join(sorted(part.strip() for part in ",".join(answer.all(name)).split(",")))
    if name == "content-type":
        return re.sub(r"boundary=\S+", "boundary=*", value)
    if rules.live:
        return by_chance(value, rules.by_chance)
    if name in _VALIDATORS and _is_fresh(answer, at):
        return "{now}"
    return settle(value, at, rules.by_chance)


def _is_fresh(answer: Answer, at: datetime) -> bool:
    """Whether the file behind this answer was written just now, so that its validators are its own."""
    try:
        modified = parsedate_to_datetime(answer.header("last-modified") or "")
    except ValueError:
        return False
    return abs(modified.replace(tzinfo=None) - at) < NEAR


def _cookie(header: str) -> str:
    """Name and attributes; the value and the moment of expiry are left out."""
    try:
        name, morsel = next(iter(SimpleCookie(header).items()))
    except (CookieError, StopIteration):
        return "(no cookie)"
    shown = (f"{key}={value}" for key, value in sorted(morsel.items()) if value and key not in {"expires", "max-age"})
    ended = ["removed"] if morsel["max-age"] == "0" or "1970" in morsel["expires"] else []
    return "; ".join([name, *shown, *ended])
