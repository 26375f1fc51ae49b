"""Reads the middleware and the WebSocket routes of a Starlette application, by attribute: Starlette is not imported."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from router.errors import RouteUnreadable
from router.modern_routes import starlette_name

_COOKIE_PARAMETERS = ("session_cookie", "cookie_name")
_CHAIN = 100
"""Wrappers followed before a chain counts as a ring."""

_VARIABLE = re.compile(r"<[^<>]*>")


def session_cookies(modern: Any) -> set[str]:
    """The names of the cookies that the application's session middleware writes: Starlette's, and those like it.

    Looked for in wrappers around the application, in its own list of middleware, and below its mounts.
    """
    found: set[str] = set()
    for app in _applications(modern, _CHAIN):
        found.update(_named(vars(app).get(name) for name in _COOKIE_PARAMETERS))
        for layer in getattr(app, "user_middleware", ()):
            found.update(_named(_arguments(layer).get(name) for name in _COOKIE_PARAMETERS))
    return found


def takes_websocket(modern: Any, rule: str) -> bool:
    """Whether a WebSocket route or a mount takes the paths of a Werkzeug rule, as far as an example can tell."""
    example = _VARIABLE.sub("1", rule)
    routes = (route for app in _applications(modern, _CHAIN) for route in _routes(app))
    return any(_is_for_sockets(route) and route.path_regex.match(example) for route in routes)


def _is_for_sockets(route: Any) -> bool:
    """FastAPI's contexts answer for every attribute; the route itself has methods only where it speaks HTTP."""
    return hasattr(route, "path_regex") and not hasattr(getattr(route, "original_route", route), "methods")


def _applications(app: Any, left: int) -> Iterator[Any]:
    """``app``, what it wraps, and what is mounted in it."""
    if not left or not hasattr(app, "__dict__"):
        return
    yield app
    inner = vars(app).get("app")
    if inner is not None:
        yield from _applications(inner, left - 1)
    for route in _routes(app):
        if hasattr(route, "app") and getattr(route, "endpoint", None) is None:  # a mount
            yield from _applications(route.app, left - 1)


def _routes(app: Any) -> list[Any]:
    router = getattr(app, "router", None)
    routes = getattr(router, "routes", None)
    if not isinstance(routes, list):
        return []
    try:
        contexts = starlette_name(router, "iter_route_contexts")
    except RouteUnreadable:  # plain Starlette: its list is flat
        return routes
    return list(contexts(routes))


def _arguments(layer: Any) -> dict[str, Any]:
    """What a middleware will be built with, its defaults included."""
    try:
        bound = inspect.signature(layer.cls).bind_partial(None, *layer.args, **layer.kwargs)
    except (AttributeError, TypeError, ValueError):
        return dict(getattr(layer, "kwargs", {}))
    bound.apply_defaults()
    return dict(bound.arguments)


def _named(values: Any) -> set[str]:
    return {value for value in values if isinstance(value, str)}
