"""Reads the routes of a Flask application through its ``url_map``, by attribute: Flask is not imported."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from router.declared import Declared
from router.default_redirect import home_of
from router.errors import RouteUnreadable
from router.template import STRING, Converter, Parameter, Template, read


class Rule(Protocol):
    """What is read of a Werkzeug rule."""

    rule: str
    methods: Iterable[str] | None
    endpoint: Any
    strict_slashes: bool | None
    build_only: bool
    websocket: bool
    host: str | None
    subdomain: str | None


class UrlMap(Protocol):
    """What is read of a Werkzeug map."""

    def iter_rules(self, endpoint: Any = None) -> Iterator[Any]: ...


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_SYNTAX = re.compile(r"<(?:([A-Za-z_][A-Za-z0-9_]*)(?:\(.*?\))?:)?([A-Za-z_][A-Za-z0-9_]*)>")
_PLAIN = {"[^/]+", "[^/]{1,}"}
MANY_DIGITS = 4000
"""From here on a number may have more digits than Python reads at once, which Werkzeug answers with 404."""


def legacy_routes(url_map: UrlMap) -> list[Declared]:
    """Every HTTP route of the map, one entry per method. Raises `RouteUnreadable`.

    Flask's automatic HEAD and OPTIONS are left out: HEAD follows its GET, and OPTIONS is the virtual row's.
    """
    rules = [rule for rule in url_map.iter_rules() if not rule.build_only and not rule.websocket]
    return [route for rule in rules for route in _declared(rule, url_map)]


def _declared(rule: Rule, url_map: UrlMap) -> Iterator[Declared]:
    if rule.host or rule.subdomain:
        raise RouteUnreadable(f"The legacy route {rule.rule} is bound to a host. Routes by host can't share one table.")
    template = _template(rule)
    for method in _methods(rule):
        yield Declared(
            method,
            template,
            str(rule.endpoint),
            loose_slash=rule.strict_slashes is False,
            redirects_to_slash=rule.strict_slashes is not False,
            answers_head=method == "GET",
            automatic_options=bool(getattr(rule, "provide_automatic_options", False)),
            merges_slashes=bool(getattr(rule, "merge_slashes", False)),
            home=home_of(rule, method, template, url_map, _template),
        )


def _methods(rule: Rule) -> Iterator[str]:
    methods = set(_METHODS if rule.methods is None else rule.methods)
    if "GET" in methods:
        methods.discard("HEAD")
    if getattr(rule, "provide_automatic_options", False):
        methods.discard("OPTIONS")
    return iter(sorted(methods))


def _template(rule: Rule) -> Template:
    # The one private name that is read: Werkzeug shows a rule's converters nowhere else.
    converters: Mapping[str, Any] = getattr(rule, "_converters", {})
    text = re.sub("/{2,}", "/", rule.rule) if getattr(rule, "merge_slashes", False) else rule.rule
    return read(text, _SYNTAX, lambda match: Parameter(match[2], _converter(match[1], converters.get(match[2]))))


def _converter(name: str | None, converter: Any) -> Converter:
    if converter is None:
        return STRING
    pattern = str(converter.regex)
    spans = not getattr(converter, "part_isolating", "/" not in pattern)
    if pattern in _PLAIN and not spans:
        return STRING
    items = getattr(converter, "items", None)
    return Converter(
        name or "string",
        pattern,
        spans,
        _check(converter) if hasattr(converter, "num_convert") else None,
        frozenset(items) if isinstance(items, set) and not spans else None,
        getattr(converter, "weight", None),
        0 if _is_bounded(converter) else MANY_DIGITS,
        hasattr(converter, "num_convert"),
    )


def _is_bounded(converter: Any) -> bool:
    """Numbers with limits, which their pattern does not say.

    Other converters are not asked: one of a user's own may look into a database, and this runs on the event loop. A
    path that only they refuse reaches the legacy application, which says 404 itself.
    """
    limits = (getattr(converter, name, None) for name in ("min", "max"))
    return bool(getattr(converter, "fixed_digits", 0)) or any(limit is not None for limit in limits)


def _check(converter: Any) -> Any:
    def check(text: str) -> bool:
        try:
            converter.to_python(text)
        except ValueError:
            return False
        return True

    return check
