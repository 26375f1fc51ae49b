"""One server span per request, whichever side answers, and it knows the side: the router itself opens none.

The instrumentation here does what OpenTelemetry's do: the current span is a context variable, and whoever is called
while there is one opens an internal span below it, else a server span.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router.errors import BootRefused
from tests.router.asking import ask
from tests.router.rig import Rig, fastapi_app, flask_app, running

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])


@dataclass
class Span:
    by: str
    kind: str
    attributes: dict[str, str] = field(default_factory=dict)


current: ContextVar[Span | None] = ContextVar("span", default=None)


class Tracer:
    def __init__(self) -> None:
        self.spans: list[Span] = []

    def start(self, by: str) -> Span:
        span = Span(by, "server" if current.get() is None else "internal")
        self.spans.append(span)
        return span

    def kinds(self) -> list[tuple[str, str]]:
        return [(span.by, span.kind) for span in self.spans]


class TracedASGI:
    """ASGI instrumentation. Around the router it learns the side as every client does: from the answer's header."""

    def __init__(self, app: Any, tracer: Tracer, by: str = "outer") -> None:
        self.app, self.tracer, self.by = app, tracer, by

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        span = self.tracer.start(self.by)
        token = current.set(span)

        async def traced(message: Any) -> None:
            if message["type"] == "http.response.start":
                found = dict(message["headers"]).get(b"x-served-by")
                span.attributes.update({} if found is None else {"strangler.side": found.decode()})
            await send(message)

        try:
            await self.app(scope, receive, traced)
        finally:
            current.reset(token)


def traced_wsgi(app: Callable[..., Iterable[bytes]], tracer: Tracer) -> Any:
    def traced(environ: Any, start_response: Any) -> Iterable[bytes]:
        token = current.set(tracer.start("flask"))
        try:
            return app(environ, start_response)
        finally:
            current.reset(token)

    return traced


@BOTH
@pytest.mark.parametrize(
    ("path", "status", "side"),
    [("/api/videos/3", 200, ""), ("/nowhere", 404, "legacy"), ("/api/videos/3?x-refuse", 413, "router")],
)
async def test_around_the_router_there_is_one_server_span_and_it_knows_the_side(
    flags: MemoryStore, stage: Stage, path: str, status: int, side: str
) -> None:
    tracer, rig = Tracer(), Rig(flags, max_body=10)
    rig.set("GET /api/videos/{id}", stage)
    body = b"x" * 11 if "refuse" in path else b""
    async with running(rig.router):
        answer = await ask(TracedASGI(rig.router, tracer), "GET", path, body=body)
    assert answer.status == status
    assert tracer.spans == [Span("outer", "server", {"strangler.side": side or stage.value})]


@BOTH
async def test_instrumentation_of_a_side_is_below_the_one_server_span(flags: MemoryStore, stage: Stage) -> None:
    """The bridge carries the current span into its thread, so that Flask's instrumentation sees it."""
    tracer, legacy, modern = Tracer(), flask_app(), fastapi_app()
    legacy.wsgi_app = traced_wsgi(legacy.wsgi_app, tracer)  # type: ignore[method-assign]
    modern.add_middleware(TracedASGI, tracer=tracer, by="fastapi")
    key = f"wsgi-layer:{__name__}.traced_wsgi.<locals>.traced"
    rig = Rig(flags, legacy=legacy, modern=modern, acknowledged=[key])
    rig.set("GET /api/videos/{id}", stage)
    async with running(rig.router):
        assert (await ask(TracedASGI(rig.router, tracer), "GET", "/api/videos/3")).status == 200
        inner = {"legacy": "flask", "modern": "fastapi"}[stage.value]
        assert tracer.kinds() == [("outer", "server"), (inner, "internal")]
        tracer.spans.clear()
        assert (await rig.ask("GET", "/api/videos/3")).status == 200
        assert tracer.kinds() == [(inner, "server")]


async def test_instrumentation_of_the_legacy_side_alone_is_refused_until_acknowledged(flags: MemoryStore) -> None:
    legacy = flask_app()
    legacy.wsgi_app = traced_wsgi(legacy.wsgi_app, Tracer())  # type: ignore[method-assign]
    with pytest.raises(BootRefused, match="traced_wsgi"):
        Rig(flags, legacy=legacy)


async def test_hooks_into_calling_the_flask_object_run(flags: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentry's way: it replaces the method of the class."""
    tracer, call = Tracer(), Flask.__call__

    def hooked(self: Flask, environ: Any, start_response: Any) -> Any:
        tracer.start("sentry")
        return call(self, environ, start_response)

    monkeypatch.setattr(Flask, "__call__", hooked)
    rig = Rig(flags)
    async with running(rig.router):
        assert (await rig.ask("GET", "/api/videos/3")).status == 200
    assert tracer.kinds() == [("sentry", "server")]
