"""FastAPI is not asked for its telemetry at each request, and misses nothing once somebody listens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from fastapi import FastAPI, Request
from flask import Flask
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from migration_flags.stores.memory import MemoryStore
from router import Router
from router.native_telemetry import KEY, NativeTelemetry
from tests.router.asking import ask, until
from tests.router.rig import running

pytestmark = pytest.mark.anyio


def listening() -> tuple[InMemorySpanExporter, TracerProvider]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter, provider


def application(provider: TracerProvider | None = None) -> FastAPI:
    app = FastAPI(telemetry={"tracer_provider": provider})

    @app.get("/a")
    async def a(request: Request) -> dict[str, bool]:
        return {"told": KEY in request.scope}

    return app


@contextmanager
def looks(app: FastAPI) -> Iterator[list[tuple[int, bool]]]:
    """Each look whether somebody listens: the thread that looked, and what it found."""
    found: list[tuple[int, bool]] = []
    enabled = app._native_telemetry.enabled

    def counting() -> bool:
        found.append((threading.get_ident(), enabled()))
        return found[-1][1]

    with patch.object(app._native_telemetry, "enabled", counting):
        yield found


def before(app: FastAPI) -> Router:
    return Router(Flask("legacy", static_folder=None), app, MemoryStore(), poll_interval=0.02)


async def test_while_nobody_listens_no_request_looks_for_somebody() -> None:
    app = application()
    with looks(app) as looked:
        door = before(app)
        async with running(door):
            await until(lambda: door._delivery.telemetry.is_idle)
            began = threading.get_ident()
            for _ in range(50):
                assert (await ask(door, "GET", "/a")).json == {"told": True}
        assert began not in {thread for thread, _ in looked}, "a request looked"
        assert not any(found for _, found in looked)


async def test_whoever_listens_from_the_start_misses_no_request() -> None:
    exporter, provider = listening()
    door = before(application(provider))
    async with running(door):
        for _ in range(3):
            await ask(door, "GET", "/a")
    assert len([span for span in exporter.get_finished_spans() if span.parent is None]) == 3


async def test_whoever_listens_later_is_heard_from_then_on() -> None:
    exporter, provider = listening()
    app = application()
    door = before(app)
    async with running(door):
        await until(lambda: door._delivery.telemetry.is_idle)
        app._telemetry["tracer_provider"] = provider
        await until(lambda: not door._delivery.telemetry.is_idle)
        await ask(door, "GET", "/a")
    assert exporter.get_finished_spans()


async def test_an_application_below_keeps_the_provider_of_its_own() -> None:
    exporter, provider = listening()
    app = application()
    app.mount("/below", application(provider))
    door = before(app)
    async with running(door):
        await until(lambda: door._delivery.telemetry.is_idle)
        assert (await ask(door, "GET", "/below/a")).status == 200
    assert exporter.get_finished_spans()


def test_of_an_application_that_can_not_be_asked_nothing_is_assumed() -> None:
    telemetry = NativeTelemetry(object())
    telemetry.look()
    assert not telemetry.is_idle
