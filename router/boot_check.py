"""Examines two applications before the first request: what can't hold once routes move is refused here."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from router.asgi_layers import session_cookies, takes_websocket
from router.errors import BootRefused
from router.finding import Finding, Severity, judge, refused
from router.wsgi_layers import Layers, applies_forwarded, layer_name, wsgi_layers

logger = logging.getLogger(__name__)


def boot_check(legacy: Any, modern: Any, acknowledged: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Every finding about the pair, for `Router.findings`. Warnings are logged.

    ``acknowledged`` holds the keys of findings that the integrator has dealt with. Raises `BootRefused` for others.
    """
    findings = judge(examine(legacy, modern), acknowledged)
    stops = refused(findings)
    if stops:
        raise BootRefused([str(finding) for finding in stops])
    for finding in findings:
        if finding.severity is Severity.WARNING:
            logger.warning("%s", finding)
    return findings


def examine(legacy: Any, modern: Any) -> Iterator[Finding]:
    """What there is to say about a legacy and a modern application. Of other WSGI applications than Flask, nothing."""
    layers = wsgi_layers(legacy)
    if layers.flask is None:
        return
    yield from _wrapped(layers)
    yield from _cookie_clash(layers.flask, modern)
    yield from _websockets(layers.flask, modern)
    yield from _error_pages(layers.flask)


def _wrapped(layers: Layers) -> Iterator[Finding]:
    if layers.past_call:
        yield Finding(
            "wsgi-app",
            "The legacy application was given as its wsgi_app: what hooks into calling the Flask object is passed by.",
            "Give the Flask object itself.",
        )
    for layer in layers.around:
        name = layer_name(layer)
        if applies_forwarded(layer):
            yield Finding(
                f"proxy-fix:{name}",
                f"{name} applies forwarded headers to the legacy side a second time, and to the modern side never.",
                "Remove it: they are applied once, by the server (uvicorn --proxy-headers) or before the Router.",
            )
        else:
            yield Finding(
                f"wsgi-layer:{name}",
                f"The legacy application is wrapped in {name}, which no route on the modern side passes.",
                "Put an ASGI middleware before the Router in its place, or do on the modern side what it does, "
                f"and say so: Router(…, acknowledged=['wsgi-layer:{name}']).",
            )


def _cookie_clash(flask: Any, modern: Any) -> Iterator[Finding]:
    name = _cookie_name(flask)
    if name is not None and name in session_cookies(modern):
        yield Finding(
            f"session-cookie:{name}",
            f"Both applications write the session cookie {name!r}, each in its own format: "
            "a visitor is logged out by every route on the other side.",
            "Rename one (SESSION_COOKIE_NAME, session_cookie=), or acknowledge that they share one format.",
        )


def _cookie_name(flask: Any) -> str | None:
    ask = getattr(getattr(flask, "session_interface", None), "get_cookie_name", None)
    name = ask(flask) if ask is not None else getattr(flask, "config", {}).get("SESSION_COOKIE_NAME")
    return name if isinstance(name, str) else None


def _websockets(flask: Any, modern: Any) -> Iterator[Finding]:
    rules = {rule.rule for rule in flask.url_map.iter_rules() if getattr(rule, "websocket", False)}
    for rule in sorted(rules):
        if not takes_websocket(modern, rule):
            yield Finding(
                f"websocket:{rule}",
                f"The legacy application declares the WebSocket {rule}, which can't be carried over WSGI.",
                "Serve it on the modern side.",
            )


def _error_pages(flask: Any) -> Iterator[Finding]:
    config = getattr(flask, "config", {})
    propagates = config.get("PROPAGATE_EXCEPTIONS")
    if propagates or (propagates is None and (config.get("TESTING") or config.get("DEBUG"))):
        yield Finding(
            "error-pages",
            "The legacy application raises its unexpected errors (TESTING, DEBUG or PROPAGATE_EXCEPTIONS): "
            "the router answers them with a page of its own, not with the application's.",
            "Turn these off where visitors come.",
            Severity.WARNING,
        )
