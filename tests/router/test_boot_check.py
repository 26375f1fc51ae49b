"""Pairs of applications that would not hold once routes move are refused before the first request."""

import functools
import logging
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from flask import Flask, current_app
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import Mount, WebSocketRoute
from starlette.routing import Route as StarletteRoute
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router import Route, Router
from router.boot_check import boot_check, examine
from router.errors import BootRefused
from router.finding import Severity
from tests.router.rig import Rig, flask_app, running
from tests.router.rig import fastapi_app as modern_app

Call = Callable[..., Iterable[bytes]]


class Marking:
    """WSGI middleware as most are written."""

    def __init__(self, app: Call) -> None:
        self.app = app

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("X-Marked", "yes")], *rest)

        return self.app(environ, start)


class Slotted:
    __slots__ = ("inner", "proxy")

    def __init__(self, inner: Call) -> None:
        self.inner = inner
        self.proxy = current_app

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        return self.inner(environ, start_response)

    def handle(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        return self.inner(environ, start_response)


def closing_over(app: Call) -> Call:
    def wrapped(environ: Any, start_response: Any) -> Iterable[bytes]:
        return app(environ, start_response)

    return wrapped


def through(app: Call, environ: Any, start_response: Any) -> Iterable[bytes]:
    return app(environ, start_response)


def other(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"another application"]


class Opaque:
    """Hides what it wraps."""

    def __init__(self, app: Call) -> None:
        self.apps = [app]

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        return self.apps[0](environ, start_response)


class Overridden(Flask):
    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        return super().wsgi_app(environ, start_response)


def wrapped(*layers: Callable[[Any], Any]) -> Flask:
    app = flask_app()
    for layer in layers:
        app.wsgi_app = layer(app.wsgi_app)  # type: ignore[method-assign]
    return app


def keys(legacy: Any, modern: Any = None) -> list[str]:
    return [finding.key for finding in examine(legacy, modern or modern_app())]


def here(name: str) -> str:
    return f"wsgi-layer:{__name__}.{name}"


def test_a_plain_pair_has_nothing_to_tell() -> None:
    assert keys(flask_app()) == []


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (Marking, "Marking"),
        (Slotted, "Slotted"),
        (closing_over, "closing_over.<locals>.wrapped"),
        (lambda app: functools.partial(through, app), "through"),
        (lambda app: Slotted(app).handle, "Slotted.handle"),
        (Opaque, "Opaque"),
    ],
)
def test_wsgi_middleware_that_moved_routes_would_miss_is_found_however_it_is_written(layer: Any, name: str) -> None:
    assert keys(wrapped(layer)) == [here(name)]


def test_each_layer_of_a_chain_is_named_from_the_outermost_inwards() -> None:
    app = wrapped(Marking, closing_over, lambda app: DispatcherMiddleware(app, {"/other": other}))
    dispatcher = "wsgi-layer:werkzeug.middleware.dispatcher.DispatcherMiddleware"
    assert keys(app) == [dispatcher, here("closing_over.<locals>.wrapped"), here("Marking")]


def test_a_subclass_that_overrides_the_call_is_a_layer_too() -> None:
    assert keys(Overridden("legacy")) == [here("Overridden.wsgi_app")]


def test_a_wrapper_around_the_flask_object_is_found_too() -> None:
    assert keys(Marking(flask_app())) == [here("Marking")]


def test_the_bare_wsgi_app_passes_by_what_hooks_into_the_call(flags: MemoryStore) -> None:
    assert keys(flask_app().wsgi_app) == ["wsgi-app"]
    assert keys(Marking(flask_app().wsgi_app)) == ["wsgi-app", here("Marking")]
    with pytest.raises(BootRefused, match="Give the Flask object itself"):
        Router(flask_app().wsgi_app, modern_app(), flags, routes=[Route("GET /a")])


def test_another_wsgi_application_is_left_alone() -> None:
    assert keys(functools.partial(through, other)) == []


def test_forwarded_headers_are_not_applied_twice() -> None:
    class Renamed(ProxyFix):
        pass

    for fix in (ProxyFix, Renamed):
        (finding,) = examine(wrapped(fix), modern_app())
        assert finding.key.startswith("proxy-fix:")
        assert "a second time" in finding.what
    takes_none = functools.partial(ProxyFix, x_for=0, x_proto=0)
    assert keys(wrapped(takes_none)) == ["wsgi-layer:werkzeug.middleware.proxy_fix.ProxyFix"]


@pytest.mark.anyio
async def test_an_acknowledged_layer_serves_legacy_routes_and_no_modern_one(flags: MemoryStore) -> None:
    with pytest.raises(BootRefused, match=here("Marking")):
        Router(wrapped(Marking), modern_app(), flags)
    rig = Rig(flags, legacy=wrapped(Marking), acknowledged=[here("Marking")])
    assert [finding.severity for finding in rig.router.findings] == [Severity.ACKNOWLEDGED]
    async with running(rig.router):
        assert (await rig.ask("GET", "/api/videos/3")).headers["x-marked"] == "yes"
        rig.set("GET /api/videos/{id}", Stage.MODERN)
        assert "x-marked" not in (await rig.ask("GET", "/api/videos/3")).headers


def test_every_reason_is_told_at_once() -> None:
    with pytest.raises(BootRefused) as refusal:
        boot_check(wrapped(Marking, ProxyFix), modern_app())
    assert len(refusal.value.reasons) == 2


def test_an_acknowledgement_that_fits_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        (finding,) = boot_check(flask_app(), modern_app(), ["wsgi-layer:gone"])
    assert (finding.key, finding.severity) == ("acknowledged:wsgi-layer:gone", Severity.WARNING)
    assert "wsgi-layer:gone" in caplog.text


def with_sessions(**options: Any) -> FastAPI:
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key="k", **options)
    return app


@pytest.mark.parametrize(
    "modern",
    [
        with_sessions(),
        with_sessions(session_cookie="session"),
        Starlette(middleware=[Middleware(SessionMiddleware, "k", "session")]),
        SessionMiddleware(Starlette(), "k"),
        Starlette(routes=[Mount("/admin", app=with_sessions())]),
        Starlette(routes=[Mount("/admin", routes=[], middleware=[Middleware(SessionMiddleware, secret_key="k")])]),
    ],
)
def test_two_formats_in_one_session_cookie_are_refused(modern: Any) -> None:
    assert keys(flask_app(), modern) == ["session-cookie:session"]


def test_two_names_for_two_sessions_are_taken() -> None:
    renamed = flask_app()
    renamed.config["SESSION_COOKIE_NAME"] = "legacy_session"
    assert keys(renamed, with_sessions()) == []
    assert keys(flask_app(), with_sessions(session_cookie="modern_session")) == []
    assert keys(flask_app(), modern_app()) == []


def with_socket(path: str = "/echo/<int:room>") -> Flask:
    app = flask_app()
    app.url_map.add(app.url_rule_class(path, endpoint="echo", websocket=True))
    return app


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()


def test_a_websocket_that_only_legacy_declares_is_refused() -> None:
    assert keys(with_socket()) == ["websocket:/echo/<int:room>"]


def test_a_websocket_that_modern_serves_in_its_place_is_taken() -> None:
    assert keys(with_socket(), Starlette(routes=[WebSocketRoute("/echo/{room}", echo)])) == []
    assert keys(with_socket(), Starlette(routes=[Mount("/echo", app=Starlette())])) == []
    declared = FastAPI()
    declared.websocket("/echo/{room}")(echo)
    assert keys(with_socket(), declared) == []
    over_http = FastAPI()
    over_http.get("/echo/{room}")(lambda room: room)
    assert keys(with_socket(), over_http) == ["websocket:/echo/<int:room>"]
    by_class = Starlette(routes=[StarletteRoute("/echo/{room}", HTTPEndpoint)])
    assert keys(with_socket(), by_class) == ["websocket:/echo/<int:room>"]


@pytest.mark.parametrize("name", ["TESTING", "DEBUG", "PROPAGATE_EXCEPTIONS"])
def test_error_pages_that_nobody_will_see_are_a_warning(name: str) -> None:
    app = flask_app()
    app.config[name] = True
    (finding,) = boot_check(app, modern_app())
    assert (finding.key, finding.severity) == ("error-pages", Severity.WARNING)
