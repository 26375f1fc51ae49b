"""Answers that the router gives itself: JSON for programs, a small page for people."""

import json
from html import escape

from router.types import Headers, Scope, Send

_SENTENCES = {
    408: "The request body did not arrive in time.",
    413: "The request body is too large.",
    500: "Something went wrong on our side.",
    503: "The server is busy. Try again shortly.",
}

_INERT: Headers = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""For whatever application it is: there is nothing on these pages that a browser may fetch, run or frame."""


def wants_json(scope: Scope) -> bool:
    """Under /api, or where JSON is named in Accept before HTML is."""
    if scope["path"].startswith("/api"):
        return True
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept")
    json_at, html_at = accept.find(b"application/json"), accept.find(b"text/html")
    return json_at >= 0 and (html_at < 0 or json_at < html_at)


def render(scope: Scope, status: int) -> tuple[Headers, bytes]:
    """Headers and body for a status of the router's own."""
    sentence = _SENTENCES[status]
    if wants_json(scope):
        body, media = json.dumps({"error": sentence}).encode(), b"application/json"
    else:
        body = f"<!doctype html><title>{status}</title><h1>{status}</h1><p>{escape(sentence)}</p>\n".encode()
        media = b"text/html; charset=utf-8"
    return [(b"content-type", media), (b"content-length", b"%d" % len(body)), *_INERT], body


async def problem(scope: Scope, send: Send, status: int, retry_after: int | None = None) -> None:
    """Sends the whole answer. HEAD gets no body; after 408 and 413 the connection ends, for the rest may still come."""
    headers, body = render(scope, status)
    if retry_after is not None:
        headers.append((b"retry-after", b"%d" % retry_after))
    if status in {408, 413}:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
