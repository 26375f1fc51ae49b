"""Traces missing, doubled, or another's: exactly one server span per request, whatever else is instrumented."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask
from opentelemetry import trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router
from router.dry_run.dry_runs import DryRun
from router.dry_run.limits import DryRunLimits
from router.dry_run.writes import WriteSet
from router.errors import BootRefused
from router.mirror.limits import MirrorLimits
from router.tracing import Tracing
from router.types import ASGIApp, Scope
from tests.router.asking import ask, until
from tests.router.rig import running

pytestmark = pytest.mark.anyio

KEY, WRITE, BROKEN = "GET /api/one/{id}", "POST /api/one", "GET /api/broken"
REMOTE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
REMOTE_TRACE, REMOTE_SPAN = (int(part, 16) for part in REMOTE.split("-")[1:3])
BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])


def current() -> dict[str, Any]:
    return {"trace": trace.get_current_span().get_span_context().trace_id}


def flask_app() -> Flask:
    app = Flask("legacy", static_folder=None)

    @app.get("/api/one/<int:id>")
    def one(id: int) -> dict[str, Any]:  # noqa: A002
        return current()

    @app.post("/api/one")
    def new() -> dict[str, Any]:
        return current()

    @app.get("/api/broken")
    def broken() -> dict[str, Any]:
        return current()

    return app


class Broken(Exception):
    pass


def fastapi_app(provider: TracerProvider) -> FastAPI:
    app = FastAPI(telemetry={"tracer_provider": provider})

    @app.get("/api/one/{id}")
    async def one(id: int) -> dict[str, Any]:  # noqa: A002
        return current()

    @app.post("/api/one")
    async def new() -> dict[str, Any]:
        return current()

    @app.get("/api/broken")
    async def broken() -> dict[str, Any]:
        raise Broken("secret detail")

    return app


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> Iterator[TracerProvider]:
    made = TracerProvider(shutdown_on_exit=False)
    made.add_span_processor(SimpleSpanProcessor(exporter))
    yield made
    made.shutdown()


class Door:
    """The front door, traced, and the toys behind it."""

    def __init__(
        self, provider: TracerProvider, legacy: Flask | None = None, modern: FastAPI | None = None, **options: Any
    ) -> None:
        self.tracing = options.pop("tracing", None) or Tracing(provider)
        self.flags = MemoryStore()
        self.flags.seed([KEY, WRITE, BROKEN], Stage.LEGACY, actor="test", reason="test")
        if "dry_run" in options:
            options["dry_run"] = self.tracing.dry_run(options["dry_run"])
        self.router = Router(
            legacy or flask_app(),
            modern or fastapi_app(provider),
            self.flags,
            observers=[self.tracing.observe],
            isolate=self.tracing.isolate(options.pop("isolate", None)),
            poll_interval=60,
            **options,
        )
        self.app: ASGIApp = self.tracing.around(self.router)

    def set(self, key: str, stage: Stage, percent: float | None = None, **more: Any) -> None:
        self.flags.apply([Change(key, stage, percent, **more)], actor="test", reason="test")
        self.router.refresh()


def servers(exporter: InMemorySpanExporter) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.kind is SpanKind.SERVER]


def alone(visitor: ReadableSpan, exporter: InMemorySpanExporter) -> bool:
    """Whether nothing else is in the visitor's trace."""
    return [span for span in exporter.get_finished_spans() if span.context.trace_id == visitor.context.trace_id] == [
        visitor
    ]


@BOTH
async def test_a_request_has_one_server_span_and_both_sides_are_in_its_trace(
    provider: TracerProvider, exporter: InMemorySpanExporter, stage: Stage
) -> None:
    door = Door(provider)
    async with running(door.router):
        door.set(KEY, stage)
        answer = await ask(door.app, "GET", "/api/one/3?token=secret")
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.kind, span.parent, span.status.status_code) == (
        KEY,
        SpanKind.SERVER,
        None,
        StatusCode.UNSET,
    )
    assert answer.json == {"trace": span.context.trace_id}
    told = dict(span.attributes or {})
    assert told.pop("strangler.request_id") == answer.headers["x-request-id"]
    assert told == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/api/one/{id}",
        "url.scheme": "http",
        "url.path": "/api/one/3",
        "network.protocol.version": "1.1",
        "client.address": "127.0.0.1",
        "server.address": "127.0.0.1",
        "server.port": 80,
        "strangler.side": stage.value,
        "strangler.stage": stage.value,
        "strangler.fallback": False,
        "strangler.epoch": 1 + (stage is Stage.MODERN),
    }


@BOTH
async def test_the_sides_own_instrumentation_is_below_it(
    provider: TracerProvider, exporter: InMemorySpanExporter, stage: Stage
) -> None:
    legacy, modern = flask_app(), fastapi_app(provider)
    FlaskInstrumentor().instrument_app(legacy, tracer_provider=provider)  # type: ignore[no-untyped-call]
    FastAPIInstrumentor.instrument_app(modern, tracer_provider=provider)
    with pytest.raises(BootRefused, match="wsgi-layer") as refused:
        Door(provider, legacy, modern)
    key = str(refused.value).partition("wsgi-layer:")[2].partition("'")[0].partition("]")[0]
    door = Door(provider, legacy, modern, acknowledged=[f"wsgi-layer:{key}"])
    async with running(door.router):
        door.set(KEY, stage)
        await ask(door.app, "GET", "/api/one/3", headers={"traceparent": REMOTE})
    spans = exporter.get_finished_spans()
    assert [span.name for span in servers(exporter)] == [KEY]
    assert len(spans) > 1, "the side's own"
    assert len({span.context.trace_id for span in spans}) == 1


@BOTH
async def test_instrumentation_outside_has_the_server_span_and_learns_the_rest(
    provider: TracerProvider, exporter: InMemorySpanExporter, stage: Stage
) -> None:
    door = Door(provider)
    outside = OpenTelemetryMiddleware(door.app, tracer_provider=provider, exclude_spans=["send", "receive"])
    async with running(door.router):
        door.set(KEY, stage)
        await ask(outside, "GET", "/api/one/3", headers={"traceparent": REMOTE})
    (server,) = servers(exporter)
    assert ((server.attributes or {})["strangler.side"], server.context.trace_id) == (stage.value, REMOTE_TRACE)
    (ours,) = (span for span in exporter.get_finished_spans() if span is not server)
    assert (ours.name, ours.kind) == (KEY, SpanKind.INTERNAL)
    assert ours.parent is not None
    assert ours.parent.span_id == server.context.span_id


@BOTH
async def test_a_strangers_trace_is_linked_and_a_trusted_one_goes_on(
    provider: TracerProvider, exporter: InMemorySpanExporter, stage: Stage
) -> None:
    headers = {"traceparent": REMOTE, "tracestate": "a=b"}
    for trusted in (False, True):
        exporter.clear()
        door = Door(provider, tracing=Tracing(provider, trusted=lambda scope, trusted=trusted: trusted))  # type: ignore[misc]
        async with running(door.router):
            door.set(KEY, stage)
            await ask(door.app, "GET", "/api/one/3", headers=headers)
        (span,) = exporter.get_finished_spans()
        assert (span.context.trace_id == REMOTE_TRACE) is trusted
        assert [link.context.span_id for link in span.links] == ([] if trusted else [REMOTE_SPAN])
        assert (span.parent is not None) is trusted


async def test_a_fallback_is_told(provider: TracerProvider, exporter: InMemorySpanExporter) -> None:
    door = Door(provider)
    async with running(door.router):
        door.set(BROKEN, Stage.MODERN)
        assert (await ask(door.app, "GET", "/api/broken")).status == 200
    (span,) = exporter.get_finished_spans()
    told = span.attributes or {}
    assert (told["strangler.fallback"], told["strangler.side"], told["strangler.stage"]) == (True, "legacy", "modern")
    assert span.status.status_code is StatusCode.UNSET


async def test_a_failure_is_told_without_its_text(provider: TracerProvider, exporter: InMemorySpanExporter) -> None:
    door = Door(provider, fallback=None)
    async with running(door.router):
        door.set(BROKEN, Stage.MODERN)
        with pytest.raises(Broken):
            await ask(door.app, "GET", "/api/broken")
    (span,) = exporter.get_finished_spans()
    told = span.attributes or {}
    assert (told["http.response.status_code"], told["error.type"]) == (500, "Broken")
    assert span.status.status_code is StatusCode.ERROR
    assert "secret" not in span.to_json()


async def test_an_unknown_path_names_no_route(provider: TracerProvider, exporter: InMemorySpanExporter) -> None:
    door = Door(provider)
    async with running(door.router):
        assert (await ask(door.app, "GET", "/nowhere/9")).status == 404
        await ask(door.app, "BREW", "/nowhere/9")
    first, second = exporter.get_finished_spans()
    assert (first.name, "http.route" in (first.attributes or {})) == ("GET", False)
    assert (second.name, (second.attributes or {})["http.request.method"]) == ("HTTP", "_OTHER")


async def test_the_mirrors_requests_are_linked_and_not_of_the_visitors_trace(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    @asynccontextmanager
    async def own(state: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        yield {**state, "own": True}

    door = Door(provider, mirror=MirrorLimits(noise=0.0), isolate=own)
    async with running(door.router):
        door.set(KEY, Stage.SHADOW, mirror=100.0)
        answer = await ask(door.app, "GET", "/api/one/3", headers={"traceparent": REMOTE})
        await until(lambda: any(span.name == "mirror" for span in exporter.get_finished_spans()))
    visitor = next(span for span in exporter.get_finished_spans() if span.name == KEY)
    mirror = next(span for span in exporter.get_finished_spans() if span.name == "mirror")
    assert answer.json == {"trace": visitor.context.trace_id}
    assert (mirror.kind, mirror.parent) == (SpanKind.INTERNAL, None)
    assert [link.context.span_id for link in mirror.links] == [visitor.context.span_id]
    assert alone(visitor, exporter)


class Nothing:
    """Surroundings that keep nothing, for toys that write nothing."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state

    async def writes(self) -> WriteSet:
        return WriteSet(())


async def test_a_dry_run_is_linked_and_not_of_the_visitors_trace(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    @asynccontextmanager
    async def isolate(scope: Scope) -> AsyncIterator[Nothing]:
        yield Nothing(scope["state"])

    class Recorder:
        def writes(self) -> WriteSet:
            return WriteSet(())

        def __enter__(self) -> "Recorder":
            return self

        def __exit__(self, *error: object) -> None:
            pass

    tried = DryRun(frozenset({WRITE}), isolate, Recorder, DryRunLimits(share=1.0))
    door = Door(provider, dry_run=tried)
    async with running(door.router):
        door.set(WRITE, Stage.SHADOW)
        answer = await ask(door.app, "POST", "/api/one", headers={"traceparent": REMOTE})
    visitor = next(span for span in exporter.get_finished_spans() if span.name == WRITE and not span.parent)
    copy = next(span for span in exporter.get_finished_spans() if span.name == "dry run")
    assert answer.json == {"trace": visitor.context.trace_id}
    assert (copy.kind, copy.parent) == (SpanKind.INTERNAL, None)
    assert [link.context.span_id for link in copy.links] == [visitor.context.span_id]
    assert alone(visitor, exporter)


async def test_without_a_provider_a_request_passes_untouched() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        seen.append(scope)

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"traceparent", REMOTE.encode())]}
    await Tracing().around(app)(scope, None, None)  # type: ignore[arg-type]
    assert seen == [scope]
    assert seen[0] is scope


async def test_a_provider_that_is_set_later_is_found(
    provider: TracerProvider, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    tracing = Tracing(clock=lambda: now)
    door = Door(provider, tracing=tracing)
    async with running(door.router):
        await ask(door.app, "GET", "/api/one/3")
        monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
        await ask(door.app, "GET", "/api/one/3")
        assert not exporter.get_finished_spans()
        now = 1.1
        await ask(door.app, "GET", "/api/one/3")
    assert [span.name for span in exporter.get_finished_spans()] == [KEY]


def test_the_router_imports_no_telemetry() -> None:
    """It is an extra: importing and serving must not need it."""
    code = "import router, router.app, sys; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
