"""Enters a Starlette or FastAPI application at a route that is already known.

A request carries its route in the scope, and one more route at the head of the application's own list, the `Door`,
matches exactly those requests. So they pass the application's whole middleware stack, its exception handlers and its
router as every other request does, and the router stops at its first route instead of scanning the list. Requests
that carry nothing find the door shut, as do those whose method or path the application's own middleware has changed:
the application works as before by itself.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from router.modern_routes import router_of, starlette_name
from router.template import Kind, Template
from router.types import ASGIApp, Receive, Scope, Send

ROUTES = "strangler.routes"
_CHOSEN = "strangler.chosen"
_IDENTITIES = frozenset(("starlette.convertors", name) for name in ("StringConvertor", "PathConvertor"))
"""Convertors that only say where a parameter ends."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """In the scope's place for routes: what the application shall say, in its own words, whatever its templates say.

    ``status`` is 404, or 405 with the methods that are allowed.
    """

    status: int
    allow: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class KnownRoute:
    """A route of the application, looked up once.

    ``known`` is what every match adds to the scope. ``places`` say at which segment each parameter stands, among
    ``segments`` of them, where the template is that simple and its texts are taken as they are; else None. The path is
    divided at most ``splits`` times (-1: everywhere): a last parameter may take the rest.
    """

    matches: Callable[[Scope], tuple[Any, Scope]]
    known: Mapping[str, Any]
    segments: int
    splits: int
    places: tuple[tuple[str, int], ...] | None

    @classmethod
    def of(cls, route: Any, template: Template) -> "KnownRoute":
        known = {
            "endpoint": getattr(route, "endpoint", route.app),
            "route": getattr(route, "original_route", route),
            _CHOSEN: route.app,
        }
        segments = len(template.steps) + 1
        has_tail = bool(template.steps) and template.steps[-1].kind is Kind.TAIL
        splits = segments - 1 if has_tail else -1
        return cls(route.matches, known, segments, splits, _places(template) if _takes_texts(route) else None)


def _takes_texts(route: Any) -> bool:
    """Whether the route is no mount, and its convertors leave what they take as it is."""
    if getattr(route, "endpoint", None) is None:
        return False
    kinds = map(type, route.param_convertors.values())
    return all((kind.__module__, kind.__name__) in _IDENTITIES for kind in kinds)


def _places(template: Template) -> tuple[tuple[str, int], ...] | None:
    stands = []
    for place, step in enumerate(template.steps, start=1):
        if step.kind is Kind.STRING or (step.kind is Kind.TAIL and len(step.pieces) == 1):
            stands.append(place)
        elif step.kind is not Kind.LITERAL:
            return None
    return tuple(zip((parameter.name for parameter in template.parameters), stands, strict=True))


class Door:
    """A route in the sense of Starlette's ``BaseRoute``, by shape."""

    is_door = True

    def __init__(self, router: Any) -> None:
        match = starlette_name(router, "Match")
        self._full, self._none = match.FULL, match.NONE
        self._no_match_found = starlette_name(router, "NoMatchFound")
        self._http_exception = starlette_name(router, "HTTPException")
        self._router = router

    def matches(self, scope: Scope) -> tuple[Any, Scope]:
        """FULL for a request that carries its route, if that route takes its path (its converters may not).

        The row was found by its shape. So plain parameters are where they must be, and no pattern is asked again.
        """
        entered: tuple[Sequence[KnownRoute] | Refusal, str, str] | None = scope.pop(ROUTES, None)
        if entered is None:
            return self._none, {}
        routes, method, path = entered
        if scope["method"] != method or scope["path"] != path:  # the application's middleware leads elsewhere
            return self._none, {}
        if isinstance(routes, Refusal):
            return self._full, {_CHOSEN: partial(self._refuse, routes)}
        is_bare = not scope.get("root_path") and "path_params" not in scope
        for route in routes:
            if is_bare and route.places is not None:
                if not route.places:
                    return self._full, {**route.known, "path_params": {}}
                parts = path.split("/", route.splits)
                if len(parts) == route.segments:
                    return self._full, {**route.known, "path_params": {name: parts[at] for name, at in route.places}}
            match, found = route.matches(scope)
            if match is self._full:
                return match, {**route.known, **found, "route": route.known["route"]}
        return self._none, {}

    def handle(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        app: ASGIApp = scope.pop(_CHOSEN)
        return app(scope, receive, send)

    async def _refuse(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        """As the application's router refuses: its exception handlers give the answer its form."""
        allow = ", ".join(sorted(refusal.allow))
        if refusal.status == 404:
            await self._router.default(scope, receive, send)
        elif "app" in scope:
            raise self._http_exception(refusal.status, headers={"Allow": allow})
        else:  # a router that is no application has no handlers
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"allow", allow.encode())]
            await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
            await send({"type": "http.response.body", "body": b"Method Not Allowed"})

    def url_path_for(self, name: str, /, **path_params: Any) -> NoReturn:
        raise self._no_match_found(name, path_params)


def install_door(app: Any) -> None:
    """Puts a door at the head of the application's routes, once."""
    router = router_of(app)
    if not any(isinstance(route, Door) for route in router.routes):
        router.routes.insert(0, Door(router))
