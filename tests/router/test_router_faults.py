"""What the router answers, counts and tells when a side, a client or a limit gets in the way."""

import asyncio
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router import Observation, Route, Router, Side, WSGIBackend
from router.errors import WrongProtocol
from router.row import UNMATCHED_KEY
from tests.router.asking import Client, http_scope, until
from tests.router.rig import Rig, fastapi_app, flask_app, running, silent

pytestmark = pytest.mark.anyio


def quiet(environ: Any, start_response: Any) -> Iterator[bytes]:
    raise RuntimeError("secret detail")


@pytest.mark.parametrize(
    ("accept", "kind"), [("text/html", "text/html; charset=utf-8"), ("application/json", "application/json")]
)
@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
async def test_a_side_that_gives_no_answer_is_a_500_of_the_routers_own(
    flags: MemoryStore, stage: Stage, accept: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(flags, legacy=quiet, modern=silent, routes=[Route("GET /a")])
    rig.set("GET /a", stage)
    async with running(rig.router):
        answer = await rig.ask("GET", "/a", headers={"accept": accept})
        assert (answer.status, answer.side, answer.headers["content-type"]) == (500, "router", kind)
        assert b"secret" not in answer.body
        assert (await rig.ask("GET", "/a", headers={"accept": accept})).headers["x-request-id"]


async def test_the_routers_own_page_can_neither_be_framed_nor_run_nor_kept(flags: MemoryStore) -> None:
    rig = Rig(flags, legacy=quiet, modern=silent, routes=[Route("GET /a")])
    async with running(rig.router):
        headers = (await rig.ask("GET", "/a", headers={"accept": "text/html"})).headers
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_a_modern_handlers_failure_is_answered_by_the_modern_application(flags: MemoryStore) -> None:
    rig = Rig(flags, fallback=None)
    rig.set("GET /api/broken", Stage.MODERN)
    async with running(rig.router):
        with pytest.raises(RuntimeError):  # the server logs it, as it does without the router
            await rig.ask("GET", "/api/broken")


async def test_saturation_is_503_signed_by_the_router(flags: MemoryStore) -> None:
    go = threading.Event()

    def slow(environ: Any, start_response: Any) -> list[bytes]:
        go.wait(5)
        start_response("200 OK", [])
        return [b"ok"]

    rig = Rig(flags, legacy=slow, modern=silent, routes=[Route("GET /api/a")], threads=1, queue=0)
    async with running(rig.router):
        first = asyncio.create_task(rig.ask("GET", "/api/a"))
        await until(lambda: rig.router.legacy.busy == 1)
        refused = await rig.ask("GET", "/api/a")
        assert (refused.status, refused.side, refused.headers["retry-after"]) == (503, "router", "5")
        assert set(refused.json) == {"error"}
        go.set()
        assert (await first).status == 200


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
@pytest.mark.parametrize("body", [b"x" * 1001, [b"x" * 600, b"x" * 401]])
async def test_a_body_beyond_the_limit_is_413(flags: MemoryStore, stage: Stage, body: Any) -> None:
    rig = Rig(flags, max_body=1000)
    rig.set("POST /api/videos", stage)
    async with running(rig.router):
        answer = await rig.ask("POST", "/api/videos", body=body)
        assert (answer.status, answer.side, answer.headers["connection"]) == (413, "router", "close")
        assert set(answer.json) == {"error"}
        fits = await rig.ask("POST", "/api/videos", body=[b"x" * 600, b"x" * 400])
        assert (fits.status, fits.json["received"], fits.side) == (200, 1000, stage.value)
        await until(lambda: rig.router.legacy.busy == 0)


async def test_an_upload_that_stalls_is_refused_in_the_routers_name(flags: MemoryStore) -> None:
    rig = Rig(flags, legacy=WSGIBackend(flask_app(), patience=0.05))
    async with running(rig.router):
        answer = await rig.ask("POST", "/api/videos", body=[b"x" * 10], complete=False)
    assert (answer.status, answer.side, answer.headers["connection"]) == (408, "router", "close")


async def test_an_upload_that_grows_beyond_the_limit_while_legacy_reads_it_is_413(flags: MemoryStore) -> None:
    rig = Rig(flags, max_body=300_000)
    async with running(rig.router):
        answer = await rig.ask("POST", "/api/videos", body=[b"x" * 100_000] * 4)
        assert (answer.status, answer.side) == (413, "router")
        await until(lambda: rig.router.legacy.busy == 0)


@pytest.mark.parametrize("verdict", [True, False, None])
async def test_an_explanation_is_for_the_trusted(flags: MemoryStore, verdict: bool | None) -> None:
    async def authorize(scope: Any, action: str) -> bool:
        return bool(verdict) and action == "explain"

    rig = Rig(flags, authorize=None if verdict is None else authorize)
    rig.set("GET /api/videos/{id}", Stage.MODERN)
    async with running(rig.router):
        answer = await rig.ask("GET", "/api/videos/3", headers={"x-strangler-explain": "1"})
        unasked = await rig.ask("GET", "/api/videos/3")
    assert "x-strangler-explain" not in unasked.headers
    if verdict:
        explanation = answer.headers["x-strangler-explain"]
        assert explanation == "route=GET /api/videos/{id}; side=modern; stage=modern; reason=flag; epoch=1"
    else:
        assert "x-strangler-explain" not in answer.headers


async def test_observers_see_every_request_and_hurt_none(flags: MemoryStore, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Observation] = []

    def broken(observation: Observation) -> None:
        raise RuntimeError("observer")

    rig = Rig(flags, observers=[broken, seen.append])
    rig.set("GET /api/videos/{id}", Stage.MODERN)
    async with running(rig.router):
        await rig.ask("GET", "/api/videos/3", headers={"x-request-id": "r1"})
        assert (await rig.ask("GET", "/api/refused")).status == 409
    first, second = seen
    assert (first.key, first.side, first.served_by, first.status) == ("GET /api/videos/{id}", "modern", "modern", 200)
    assert (first.epoch, first.request_id, first.method) == (1, "r1", "GET")
    assert 0 < first.duration < 5
    assert (second.status, second.side) == (409, Side.LEGACY)
    assert rig.router.metrics.observer_errors == 2


async def test_a_client_that_leaves_is_no_fault_of_a_side(flags: MemoryStore) -> None:
    seen: list[Observation] = []
    go = threading.Event()

    def slow(environ: Any, start_response: Any) -> list[bytes]:
        go.wait(5)
        start_response("200 OK", [])
        return [b"ok"]

    rig = Rig(flags, legacy=slow, modern=silent, routes=[Route("GET /a")], observers=[seen.append])
    async with running(rig.router):
        client = Client()
        task = asyncio.create_task(rig.router(http_scope("GET", "/a"), client.receive, client.send))
        await until(lambda: rig.router.legacy.busy == 1)
        client.leave()
        await task
        go.set()
    assert [observation.status for observation in seen] == [499]
    assert client.answer.messages == []


async def test_counters_add_up(flags: MemoryStore) -> None:
    registry = CollectorRegistry()
    rig = Rig(flags, registry=registry)
    async with running(rig.router):
        for _ in range(3):
            await rig.ask("GET", "/api/videos/3")
        rig.set("GET /api/videos/{id}", Stage.MODERN)
        for _ in range(2):
            await rig.ask("GET", "/api/videos/3")
        await rig.ask("GET", "/nowhere")

        def total(**labels: str) -> float | None:
            return registry.get_sample_value("strangler_requests_total", labels)

        key = "GET /api/videos/{id}"
        assert total(route=key, side="legacy", status_class="2xx") == 3
        assert total(route=key, side="modern", status_class="2xx") == 2
        assert total(route=UNMATCHED_KEY, side="legacy", status_class="4xx") == 1
        count = registry.get_sample_value("strangler_request_duration_seconds_count", {"route": key, "side": "modern"})
        assert count == 2
        worker = {"worker": str(os.getpid())}
        assert registry.get_sample_value("strangler_config_epoch", worker) == 1
        await until(lambda: registry.get_sample_value("strangler_wsgi_threads", {"state": "idle", **worker}) == 10)
        assert registry.get_sample_value("strangler_wsgi_queue_wait_seconds_count") == 4


@pytest.mark.parametrize(("legacy", "modern"), [(fastapi_app(), fastapi_app()), (flask_app(), flask_app())])
def test_a_mix_up_of_protocols_is_refused_at_boot(flags: MemoryStore, legacy: Any, modern: Any) -> None:
    with pytest.raises(WrongProtocol, match=r"where an? (ASGI|WSGI) one belongs"):
        Router(legacy, modern, flags)


def test_constructing_connects_to_nothing_and_starts_nothing() -> None:
    class Unreadable(MemoryStore):
        def epoch(self) -> int:
            raise AssertionError("read too early")

    threads = set(threading.enumerate())
    Router(flask_app(), fastapi_app(), Unreadable())
    assert set(threading.enumerate()) <= threads
