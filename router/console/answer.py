"""What the console answers with, and the headers that all its answers carry."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from router.types import Headers, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", POLICY.encode()),
]
JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """A whole answer. ``headers`` take the place of those that every answer has by default."""

    status: int
    body: bytes = b""
    media: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)

    async def send(self, send: Send) -> None:
        own = {"cache-control": "no-store", **self.headers}
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in own.items()]
        if self.status != 304:
            pairs += [(b"content-type", self.media.encode()), (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status, "headers": [*pairs, *ALWAYS]})
        await send({"type": "http.response.body", "body": self.body})


def told(value: Any, status: int = 200) -> Answer:
    """A value as JSON."""
    return Answer(status, as_json(value))


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode()
