"""What a request to the console says: headers, query, and the body of a change."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from router.console.errors import ForeignRequest, TooLarge, TooSlow, Unfit, WrongMedia
from router.errors import ClientLeft
from router.types import Receive, Scope

LIMIT = 64 * 1024
"""Bytes of a change."""
WITHIN = 10.0
"""Seconds that it may take to come."""
MARK = "x-strangler-console"
"""The header that a form of another site can't send."""


def headers_of(scope: Scope) -> dict[str, str]:
    """The last of each name."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def query_of(scope: Scope) -> dict[str, str]:
    """The last of each name."""
    text = scope.get("query_string", b"").decode("latin-1")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=20, encoding="utf-8", errors="replace"))


def refuse_foreign(headers: Mapping[str, str]) -> None:
    """Raises `ForeignRequest` for a change that another site could have made a browser ask for."""
    if headers.get(MARK) != "1":
        raise ForeignRequest("A change needs the header X-Strangler-Console: 1.")
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise ForeignRequest("A change must come from the console's own page.")
    origin = headers.get("origin")
    if origin is not None and not _is_own(origin, headers):
        raise ForeignRequest("A change must come from the console's own address.")


def _is_own(origin: str, headers: Mapping[str, str]) -> bool:
    """Host and port are the request's. The scheme is not compared: it may have ended at a proxy that is not trusted."""
    scheme, _, place = origin.partition("://")
    ports = {"http": "80", "https": "443"}
    if scheme not in ports:
        return False
    usual = ports[scheme]
    return _with_port(place, usual) == _with_port(headers.get("host", ""), usual) != ""


def _with_port(place: str, usual: str) -> str:
    place = place.lower().rstrip(".")
    has_port = place.rpartition(":")[2].isdigit() and not place.endswith("]")
    return place if has_port or not place else f"{place}:{usual}"


async def read_change(scope: Scope, receive: Receive) -> dict[str, Any]:
    """The object that was posted. Raises `ClientLeft`, and what is refused of `ConsoleRefused`."""
    headers = headers_of(scope)
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise WrongMedia
    refuse_foreign(headers)
    try:
        async with asyncio.timeout(WITHIN):
            body = await _body(receive)
        value = json.loads(body, parse_constant=_refuse_constant)
    except TimeoutError:
        raise TooSlow(f"The body did not come within {WITHIN:g} s.") from None
    except (ValueError, RecursionError):
        raise Unfit("", "The body is not JSON") from None
    if not isinstance(value, dict):
        raise Unfit("", "The body must be an object")
    return value


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > LIMIT:
            raise TooLarge(LIMIT)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
