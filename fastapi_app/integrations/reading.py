"""Reading what another service answers, with distrust: it may be too long, packed, or no JSON at all."""

import json
from typing import Any

import httpx
from anyio import to_thread

from fastapi_app.integrations.failures import Unreadable

_UNSPECIFIED_SECONDS = 5
_LONGEST_SECONDS = 600
_MOST_BYTES = 2 * 2**20
_LARGE = 64 * 2**10


def sendable(key: str) -> bool:
    """Whether a header can carry the key."""
    return key.isascii() and key.isprintable() and " " not in key


def retry_after(header: str | None) -> int:
    """The seconds that a Retry-After header asks for. A date, or nothing, stands for a few."""
    digits = header is not None and header.isascii() and header.isdigit() and len(header) < 10
    return min(int(header), _LONGEST_SECONDS) if header and digits else _UNSPECIFIED_SECONDS


async def whole(response: httpx.Response, service: str) -> bytes:
    """The body as it was sent. Compressed ones are refused: we asked for none, and they may unfold without end."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unreadable(service)
    raw = bytearray()
    async for part in response.aiter_raw():
        raw += part
        if len(raw) > _MOST_BYTES:
            raise Unreadable(service)
    return bytes(raw)


async def parsed(raw: bytes, service: str) -> Any:
    """The JSON in a body. Raises Unreadable."""
    try:
        return await to_thread.run_sync(json.loads, raw) if len(raw) > _LARGE else json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable(service) from None
