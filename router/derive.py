"""Builds the route table from two applications."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from router.declared import Declared
from router.errors import RouteUnreadable
from router.legacy_routes import legacy_routes
from router.modern_routes import modern_routes, router_of
from router.table import RouteTable
from router.template import parse


@dataclass(frozen=True, slots=True)
class Route:
    """A route told by hand, for an application that can't be read: ``Route("GET /videos/{id:int}", modern=False)``."""

    key: str
    legacy: bool = True
    modern: bool = True

    def declared(self) -> Declared:
        """Raises `RouteUnreadable` where the key is not a method and a path."""
        method, _, path = self.key.partition(" ")
        try:
            if not path.startswith("/"):
                raise KeyError(path)
            return Declared(method.upper(), parse(path))
        except KeyError as error:
            raise RouteUnreadable(f"{self.key!r} is not a route. Example: GET /videos/{{id:int}}.") from error


def derive_table(legacy: Any, modern: Any, routes: RouteTable | Iterable[Route] | None = None) -> RouteTable:
    """The table of two applications. ``routes`` speaks for those that can't be read; those that can are read.

    Raises `RouteUnreadable` and `RouteConflict`.
    """
    if isinstance(routes, RouteTable):
        return routes
    given = None if routes is None else list(routes)
    return RouteTable(_legacy(legacy, given), _modern(modern, given))


def is_readable(modern: Any) -> bool:
    """Whether the application, or the router that it is, lists its routes as Starlette does."""
    router = router_of(modern)
    return hasattr(router, "routes") and hasattr(router, "url_path_for")


def _legacy(app: Any, given: list[Route] | None) -> list[Declared]:
    url_map: Any = getattr(app, "url_map", None)
    if hasattr(url_map, "iter_rules"):
        return legacy_routes(url_map)
    if given is None:
        raise RouteUnreadable("The legacy application has no url_map to read its routes from: give routes=.")
    return [route.declared() for route in given if route.legacy]


def _modern(app: Any, given: list[Route] | None) -> list[Declared]:
    if is_readable(app):
        return modern_routes(app)
    if given is None:
        raise RouteUnreadable("The modern application has no list of routes to read: give routes=.")
    return [route.declared() for route in given if route.modern]
