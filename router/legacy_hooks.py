"""What Flask runs around a view, read by attribute: none of it runs when the modern side answers.

An inventory, for `strangler routes` and for whoever decides that a route may move: a hook that guards (a login, a
CSRF token, a rate limit) must have its like on the modern side.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from router.row import Row


class HookKind(StrEnum):
    """Flask's own names, and the decorators of a view."""

    VALUES = "url_value_preprocessor"
    BEFORE = "before_request"
    DECORATOR = "decorator"
    AFTER = "after_request"
    TEARDOWN = "teardown_request"
    TEARDOWN_CONTEXT = "teardown_appcontext"
    ERROR = "errorhandler"


@dataclass(frozen=True, slots=True)
class Hook:
    """``function`` is its full name; ``blueprint`` is empty for a hook of the whole application."""

    kind: HookKind
    function: str
    blueprint: str = ""


_LISTS = (
    (HookKind.VALUES, "url_value_preprocessors"),
    (HookKind.BEFORE, "before_request_funcs"),
    (HookKind.AFTER, "after_request_funcs"),
    (HookKind.TEARDOWN, "teardown_request_funcs"),
)


def hooks_by_route(flask: Any, rows: Iterable[Row]) -> dict[str, tuple[Hook, ...]]:
    """The hooks of every row that has a legacy handler, by the row's key; of the virtual row, those for any request."""
    found: dict[str, tuple[Hook, ...]] = {}
    for row in rows:
        endpoints = [route.name for route in row.legacy] or ([""] if row.unmatched else [])
        if endpoints:
            hooks = [hook for endpoint in endpoints for hook in legacy_hooks(flask, endpoint)]
            found[row.key] = tuple(dict.fromkeys(hooks))
    return found


def legacy_hooks(flask: Any, endpoint: str) -> tuple[Hook, ...]:
    """The hooks around one endpoint, by kind, in the order in which Flask keeps them."""
    scopes = (None, *_blueprints(endpoint))
    hooks = [hook for kind, name in _LISTS for hook in _listed(kind, getattr(flask, name, {}), scopes)]
    hooks += _decorators(getattr(flask, "view_functions", {}).get(endpoint))
    hooks += [
        Hook(HookKind.TEARDOWN_CONTEXT, _name(function)) for function in getattr(flask, "teardown_appcontext_funcs", ())
    ]
    hooks += _handlers(getattr(flask, "error_handler_spec", {}), scopes)
    order = list(HookKind)
    return tuple(sorted(hooks, key=lambda hook: order.index(hook.kind)))


def _blueprints(endpoint: str) -> list[str]:
    """Of ``a.b.view``: ``a``, then ``a.b``."""
    parts = endpoint.split(".")[:-1]
    return [".".join(parts[: number + 1]) for number in range(len(parts))]


def _listed(kind: HookKind, lists: Any, scopes: Iterable[str | None]) -> Iterator[Hook]:
    for scope in scopes:
        for function in lists.get(scope, ()):
            yield Hook(kind, _name(function), scope or "")


def _handlers(spec: Any, scopes: Iterable[str | None]) -> Iterator[Hook]:
    for scope in scopes:
        for handlers in spec.get(scope, {}).values():
            for error, function in handlers.items():
                yield Hook(HookKind.ERROR, f"{error.__qualname__}: {_name(function)}", scope or "")


def _decorators(view: Any) -> Iterator[Hook]:
    """Wrappers that name what they wrap, as functools.wraps does; each by the name of its own code."""
    while hasattr(view, "__wrapped__"):
        code = getattr(view, "__code__", None)
        yield Hook(HookKind.DECORATOR, code.co_qualname if code is not None else _name(type(view)))
        view = view.__wrapped__


def _name(function: Callable[..., Any] | type) -> str:
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"
