"""Requests that were answered already, and are asked again to compare: they may change nothing outside."""

from flask import request


def is_copy() -> bool:
    """Whether nobody waits for the answer. No client can say so."""
    scope = request.environ.get("asgi.scope") or {}
    return "http.request.copy" in (scope.get("extensions") or ())
