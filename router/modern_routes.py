"""Reads the routes of a FastAPI or Starlette application, by attribute: neither is imported.

FastAPI keeps included routers as branches of a tree. Its own ``iter_route_contexts`` walks that tree and yields one
context per route with the effective path, methods and handler; it is found in the module of the application's router.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from router.declared import ANY_METHOD, Declared
from router.errors import RouteUnreadable
from router.template import STRING, Converter, Parameter, Template, parse, read

_SYNTAX = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([A-Za-z_][A-Za-z0-9_]*))?\}")
_CATCH_ALL = parse("/{path:path}")


def router_of(app: Any) -> Any:
    """The Starlette router of an application, or the router that the application is."""
    return getattr(app, "router", app)


def modern_routes(app: Any) -> list[Declared]:
    """Every HTTP route of the application or router, one entry per method. Raises `RouteUnreadable`.

    A mount is one route for any method with a tail, entered through the mount. A route of a class of the user's own,
    whose paths nobody knows, is a catch-all: what no other route takes is then the application's own to refuse.
    """
    router = router_of(app)
    walk = _walker(router)
    return [declared for branch in router.routes for route in walk(branch) for declared in _declared(route, branch)]


def starlette_name(value: object, name: str) -> Any:
    """A public name of the module that defines ``value``'s class, or one of its bases."""
    for base in type(value).__mro__:
        found = getattr(sys.modules.get(base.__module__), name, None)
        if found is not None:
            return found
    raise RouteUnreadable(f"{type(value).__module__} knows no {name}; this version of it can't be read: give routes=.")


def _walker(router: Any) -> Callable[[Any], Iterable[Any]]:
    try:
        contexts = starlette_name(router, "iter_route_contexts")
    except RouteUnreadable:  # plain Starlette: its list is flat
        return lambda branch: [branch]
    return lambda branch: contexts([branch])


def _declared(route: Any, branch: Any) -> Iterator[Declared]:
    if getattr(route, "host_regex", None) is not None:
        raise RouteUnreadable(f"The modern route for host {route.host} can't share one table with routes by path.")
    path = getattr(route, "path", None)
    if path is None or not hasattr(route, "path_regex"):
        if not getattr(route, "is_door", False):
            yield Declared(ANY_METHOD, _CATCH_ALL, type(route).__name__)
        return
    handle = route if _enters_alone(branch) else None
    if getattr(route, "endpoint", None) is None:  # a mount
        template = _template(path + "/{path:path}", route)
        yield Declared(ANY_METHOD, template, getattr(route, "name", None) or "", answers_head=True, handle=handle)
    elif hasattr(getattr(route, "original_route", route), "methods"):
        yield from _per_method(route, _template(path, route), handle)


def _per_method(route: Any, template: Template, handle: Any) -> Iterator[Declared]:
    methods = set(route.methods or {ANY_METHOD})
    answers_head = bool(methods & {"HEAD", ANY_METHOD})
    if "GET" in methods:
        methods.discard("HEAD")
    for method in sorted(methods):
        yield Declared(method, template, route.name or "", answers_head=answers_head, handle=handle)


def _template(path: str, route: Any) -> Template:
    convertors: Mapping[str, Any] = route.param_convertors
    return read(path, _SYNTAX, lambda match: Parameter(match[1], _converter(match[2] or "str", convertors[match[1]])))


def _converter(name: str, convertor: Any) -> Converter:
    pattern = str(convertor.regex)
    if pattern == STRING.pattern:
        return STRING
    return Converter(name, pattern, spans=re.fullmatch(pattern, "a/b") is not None)


def _enters_alone(branch: Any) -> bool:
    """Whether its routes may be entered without walking the branch.

    Limits that an included router sets are applied on the way down; such a branch keeps its own way down.
    """
    context = getattr(branch, "include_context", None)
    if context is None:
        return True
    if getattr(context, "form_limits", None) or getattr(context, "max_body_size", None) is not None:
        return False
    return all(_enters_alone(route) for route in branch.original_router.routes)
