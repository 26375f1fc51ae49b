"""Finds the WSGI middleware around a Flask application, by attribute: Flask is not imported.

WSGI middleware has no list. It is a chain of callables, each holding the next one in an attribute, a closure or a
partial; the chain ends at the method ``wsgi_app`` of an object that has a ``url_map``.
"""

import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_LONGEST_SEARCH = 200
"""Callables looked at before a chain counts as one that can't be followed."""

_FORWARDED = ("x_for", "x_proto", "x_host", "x_port", "x_prefix")


@dataclass(frozen=True, slots=True)
class Layers:
    """``flask`` is the application at the core, None where there is none to be found.

    ``around`` are the layers, from the outermost inwards. ``past_call``: what was given leads to ``wsgi_app`` and
    passes ``__call__`` by, where Sentry and its like stand.
    """

    flask: Any
    around: tuple[Any, ...]
    past_call: bool


def wsgi_layers(legacy: Any) -> Layers:
    """What stands between ``legacy``, as it was given, and the core of its Flask application."""
    path = _path(legacy, set())
    if path is None:
        return Layers(None, (), past_call=False)
    *outside, core = path
    flask: Any = core.__self__ if inspect.ismethod(core) else core
    within = _path(flask.wsgi_app, set())
    # A chain that can't be followed is known by its outermost layer.
    inside = [flask.wsgi_app] if within is None else within[:-1]
    around = (*outside, *inside, *_overrides(flask))
    return Layers(flask, around, past_call=inspect.ismethod(core))


def layer_name(layer: Any) -> str:
    """``module.Class`` of an object, ``module.function`` of a function."""
    if isinstance(layer, functools.partial):
        return layer_name(layer.func)
    named = layer if inspect.isroutine(layer) else type(layer)
    return f"{named.__module__}.{named.__qualname__}"


def applies_forwarded(layer: Any) -> bool:
    """Whether it is a ProxyFix, by any name, that takes at least one header."""
    found = [getattr(layer, name, None) for name in _FORWARDED]
    return None not in found and any(found)


def _path(layer: Any, seen: set[int]) -> list[Any] | None:
    """The layers from ``layer`` to the core, which is last; None where no way leads there."""
    if _is_core(layer):
        return [layer]
    if id(layer) in seen or len(seen) > _LONGEST_SEARCH:
        return None
    seen.add(id(layer))
    for inner in _held(layer):
        rest = _path(inner, seen)
        if rest is not None:
            return [layer, *rest]
    return None


def _is_core(layer: Any) -> bool:
    if inspect.ismethod(layer):
        return layer.__name__ == "wsgi_app" and hasattr(layer.__self__, "url_map")
    return not inspect.isclass(layer) and hasattr(layer, "url_map") and hasattr(layer, "wsgi_app")


def _held(layer: Any) -> Iterator[Any]:
    """The callables that a layer holds."""
    if isinstance(layer, functools.partial):
        values: list[Any] = [layer.func, *layer.args, *layer.keywords.values()]
    elif inspect.ismethod(layer):
        values = list(_attributes(layer.__self__))
    elif inspect.isfunction(layer):
        values = [value for value in map(_content, layer.__closure__ or ()) if value is not None]
    else:
        values = list(_attributes(layer))
    return (value for value in values if not _is_proxy(value) and callable(value) and not inspect.isclass(value))


def _is_proxy(value: Any) -> bool:
    """Werkzeug's stand-ins for the current application and request: asking one anything outside a request raises."""
    return type(value).__name__ == "LocalProxy"


def _attributes(layer: Any) -> Iterator[Any]:
    slots = [name for cls in type(layer).__mro__ for name in _names(vars(cls).get("__slots__", ()))]
    yield from vars(layer).values() if hasattr(layer, "__dict__") else ()
    yield from (getattr(layer, name, None) for name in slots)


def _names(slots: Any) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name that is not bound yet
        return None


def _overrides(flask: Any) -> Iterator[Any]:
    """``wsgi_app`` or ``__call__`` of a subclass of Flask: a layer by another name."""
    for cls in type(flask).__mro__:
        if cls.__module__.partition(".")[0] == "flask":
            return
        yield from (vars(cls)[name] for name in ("__call__", "wsgi_app") if inspect.isfunction(vars(cls).get(name)))
