"""Pure: how a row is entered on the modern side."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from router.declared import Declared
from router.prematched import NOWHERE, ROUTES, KnownRoute
from router.row import Row
from router.types import Scope


@dataclass(frozen=True, slots=True)
class Entrance:
    """``routes`` are the application's own, or None: then it finds its way itself.

    ``head_routes`` are for HEAD; None means that HEAD is asked as GET, and the body dropped.
    """

    routes: tuple[KnownRoute, ...] | None
    head_routes: tuple[KnownRoute, ...] | None

    def open(self, scope: Scope, path: str) -> bool:
        """Prepares the scope, in place. Returns whether the answer's body must be dropped.

        Leading slashes counted as one when the row was found, so they are one for the application too.
        """
        if path[1:2] == "/" and self is not UNAIDED:
            scope["path"] = path = "/" + path.lstrip("/")
            scope["raw_path"] = quote(path).encode()
        routes, drop = self.routes, False
        if scope["method"] == "HEAD":
            drop = self.head_routes is None
            if drop:
                scope["method"] = "GET"
            else:
                routes = self.head_routes if routes is not None else None
        if routes is not None:
            scope[ROUTES] = routes
        return drop


UNAIDED = Entrance(None, ())
"""The application finds its way itself, HEAD included."""

BARRED = Entrance(NOWHERE, NOWHERE)
"""The application shall say 404."""


def entrance_of(row: Row) -> Entrance:
    """The entrance of a row that modern owns; of the virtual row too."""
    if row.unmatched or not row.modern:
        return UNAIDED
    heads = tuple(route for route in row.modern if route.method == "HEAD" or route.answers_head)
    mains = tuple(route for route in row.modern if route.method == row.method) or row.modern
    known = all(route.handle is not None for route in row.modern)
    return Entrance(
        _known(mains) if known else None,
        _known(heads if known else ()) if heads or row.method != "GET" else None,
    )


def _known(routes: Iterable[Declared]) -> tuple[KnownRoute, ...]:
    return tuple(KnownRoute.of(route.handle, route.template) for route in routes)
