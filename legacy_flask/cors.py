"""Lets pages of named origins read answers. Without any, nothing is added: the browser keeps all others out."""

from flask import Response, request

from legacy_flask.configuration import current_settings
from legacy_flask.origins import canonical

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "DELETE, GET, HEAD, PATCH, POST, PUT",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Range, X-Api-Key, X-Requested-With",
    "Access-Control-Max-Age": "600",
}
_EXPOSED = "Content-Disposition, Content-Range, Retry-After, X-Request-ID"


def preflight() -> Response | None:
    """The answer to a browser that asks whether a page of a named origin may ask; None for every other request."""
    asks = request.method == "OPTIONS" and request.headers.get("Access-Control-Request-Method")
    if not asks or not _is_named():
        return None
    response = Response(status=204, headers=_PREFLIGHT)
    del response.headers["Content-Type"]
    return response


def add_cors_headers(response: Response) -> Response:
    """Marks what pages of named origins may read, and that the answer depends on who asks."""
    if not current_settings().cors_origins:
        return response
    response.vary.add("Origin")
    if _is_named():
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers["Access-Control-Allow-Credentials"] = "true"
        if "Access-Control-Allow-Methods" not in response.headers:
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    return response


def _is_named() -> bool:
    origin = request.headers.get("Origin", "")
    return bool(origin) and canonical(origin) in current_settings().cors_origins
