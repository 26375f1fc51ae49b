"""The front door: who answers, signed by whom, and what happens when a side fails."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route as StarletteRoute
from starlette.staticfiles import StaticFiles

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Observation, Route, Router, Side
from router.errors import WrongProtocol
from router.row import UNMATCHED_KEY
from tests.router.asking import Answer, Client, ask, http_scope, until

pytestmark = pytest.mark.anyio


def flask_app() -> Flask:
    app = Flask("legacy", static_folder=None)

    @app.get("/api/videos/<int:id>")
    def one(id: int) -> ResponseReturnValue:  # noqa: A002
        return jsonify(side="legacy", id=id, request_id=request.headers["X-Request-ID"])

    @app.route("/api/videos", methods=["GET", "POST"])
    def many() -> ResponseReturnValue:
        return jsonify(side="legacy", received=len(request.get_data()))

    @app.get("/api/broken")
    def broken() -> ResponseReturnValue:
        raise RuntimeError("secret detail")

    @app.get("/api/refused")
    def refused() -> ResponseReturnValue:
        abort(409)

    @app.get("/old")
    def old() -> ResponseReturnValue:
        return "old", 200, {"X-Served-By": "somebody else", "X-Request-ID": "forged"}

    return app


class Tagged:
    """A middleware that proves that it ran."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def tagged(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-tag", b"modern")]}
            await send(message)

        await self.app(scope, receive, tagged)


events: list[str] = []


async def resource() -> AsyncIterator[str]:
    events.append("opened")
    yield "resource"
    events.append("closed")


class Gone(Exception):
    pass


def fastapi_app() -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        yield {"database": "open"}

    app = FastAPI(lifespan=lifespan)
    app.add_middleware(Tagged)
    videos = APIRouter(prefix="/videos")

    @app.exception_handler(Gone)
    async def gone(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": "gone"}, 410)

    @videos.get("/{video_id}")
    async def one(video_id: int, request: Request, used: Annotated[str, Depends(resource)]) -> dict[str, Any]:
        if video_id == 410:
            raise Gone
        if video_id == 404:
            raise HTTPException(404)
        route = request.scope["route"]
        return {
            "side": "modern",
            "id": video_id,
            "request_id": request.headers["x-request-id"],
            "database": getattr(request.state, "database", None),
            "url": str(request.url_for("one", video_id=7)),
            "route": route.path,
            "is_app": request.app is app,
            "used": used,
        }

    @videos.post("")
    async def many(request: Request) -> dict[str, Any]:
        return {"side": "modern", "received": len(await request.body())}

    @videos.get("")
    async def listing() -> dict[str, str]:
        return {"side": "modern"}

    api = APIRouter(prefix="/api")
    api.include_router(videos)

    @api.get("/broken")
    async def broken() -> None:
        raise RuntimeError("secret detail")

    @api.get("/new")
    async def new() -> dict[str, str]:
        return {"side": "modern"}

    app.include_router(api)
    return app


@pytest.fixture
def flags() -> MemoryStore:
    return MemoryStore()


class Rig:
    """A router over the two toys, and its flags."""

    def __init__(self, flags: MemoryStore, **options: Any) -> None:
        self.flags = flags
        self.modern: Any = options.pop("modern", None) or fastapi_app()
        self.router = Router(
            options.pop("legacy", None) or flask_app(), self.modern, flags, poll_interval=60, **options
        )

    def set(self, key: str, stage: Stage) -> None:
        self.flags.apply([Change(key, stage)], actor="test", reason="test")
        self.router.refresh()

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        return await ask(self.router, method, path, **options)


@pytest.fixture
async def rig(flags: MemoryStore) -> AsyncIterator[Rig]:
    rig = Rig(flags)
    async with running(rig.router):
        yield rig


@asynccontextmanager
async def running(router: Router, state: dict[str, Any] | None = None) -> AsyncIterator[None]:
    """The router between its lifespan's two ends."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {} if state is None else state}
    task = asyncio.create_task(router(scope, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
        await task


async def test_without_flags_everything_is_legacy(rig: Rig) -> None:
    answer = await rig.ask("GET", "/api/videos/3")
    assert (answer.side, answer.json["side"], answer.json["id"]) == ("legacy", "legacy", 3)


async def test_a_flag_moves_its_route_and_no_other(rig: Rig) -> None:
    rig.set("GET /api/videos/{id}", Stage.MODERN)
    moved, stayed = await rig.ask("GET", "/api/videos/3"), await rig.ask("POST", "/api/videos", body=b"12345")
    assert (moved.side, moved.json["side"]) == ("modern", "modern")
    assert (stayed.side, stayed.json) == ("legacy", {"side": "legacy", "received": 5})
    rig.set("GET /api/videos/{id}", Stage.LEGACY)
    assert (await rig.ask("GET", "/api/videos/3")).side == "legacy"


async def test_a_route_with_one_owner_goes_there(rig: Rig) -> None:
    assert (await rig.ask("GET", "/api/new")).side == "modern"
    rig.set("GET /old", Stage.MODERN)
    assert (await rig.ask("GET", "/old")).side == "legacy"


async def test_the_modern_application_works_as_it_does_alone(rig: Rig, flags: MemoryStore) -> None:
    """Middleware, dependencies with an end, exception handlers, validation, url_for: entered sideways, and whole."""
    rig.set("GET /api/videos/{id}", Stage.MODERN)
    for path in ("/api/videos/3", "/api/videos/410", "/api/videos/404", "/api/videos/99999999999999999999"):
        events.clear()
        through = await rig.ask("GET", path, headers={"host": "a.example", "x-request-id": "r1"})
        seen = events.copy()
        events.clear()
        alone = await ask(rig.modern, "GET", path, headers={"host": "a.example", "x-request-id": "r1"})
        assert (through.status, through.json, through.headers["x-tag"]) == (alone.status, alone.json, "modern")
        assert seen == events
    document = await ask(rig.modern, "GET", "/openapi.json")
    assert set(document.json["paths"]) == {"/api/videos/{video_id}", "/api/videos", "/api/broken", "/api/new"}


async def test_the_modern_router_does_not_scan_its_routes(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.set("GET /api/videos", Stage.MODERN)
    others = [route for route in rig.modern.router.routes if type(route).__name__ != "Door"]
    asked: list[object] = []
    for route in others:
        monkeypatch.setattr(type(route), "matches", lambda self, scope: asked.append(self))
    assert (await rig.ask("GET", "/api/videos")).json == {"side": "modern"}
    assert asked == []


async def test_the_modern_lifespans_state_reaches_its_requests(flags: MemoryStore) -> None:
    rig, state = Rig(flags), dict[str, Any]()
    rig.set("GET /api/videos/{id}", Stage.MODERN)
    async with running(rig.router, state):
        assert state == {"database": "open"}
        answer = await rig.ask("GET", "/api/videos/3", state=state.copy())
        assert answer.json["database"] == "open"


async def test_the_legacy_converter_says_404_on_both_sides(rig: Rig) -> None:
    assert (await rig.ask("GET", "/api/videos/abc")).status == 404
    rig.set("GET /api/videos/{id}", Stage.MODERN)
    rig.set(UNMATCHED_KEY, Stage.MODERN)
    answer = await rig.ask("GET", "/api/videos/abc")
    assert (answer.status, answer.side, answer.json) == (404, "modern", {"detail": "Not Found"})
    assert answer.headers["x-tag"] == "modern"


@pytest.mark.parametrize(
    ("method", "path", "legacy", "modern"),
    [
        ("GET", "/nowhere", 404, 404),
        ("DELETE", "/api/videos", 405, 405),
        ("OPTIONS", "/api/videos", 200, 405),
        ("GET", "/api//new", 308, 404),
        ("GET", "/api/videos/", 404, 307),
    ],
)
async def test_what_no_row_takes_goes_to_the_side_of_the_virtual_row(
    rig: Rig, method: str, path: str, legacy: int, modern: int
) -> None:
    first = await rig.ask(method, path, headers={"host": "a.example"})
    rig.set(UNMATCHED_KEY, Stage.MODERN)
    second = await rig.ask(method, path, headers={"host": "a.example"})
    assert (first.side, second.side, second.status) == ("legacy", "modern", modern)
    # Flask knows no /api/new, so nothing to redirect to.
    assert first.status == (404 if path == "/api//new" else legacy)


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
async def test_leading_slashes_count_as_one_on_both_sides(rig: Rig, stage: Stage) -> None:
    rig.set("GET /api/videos/{id}", stage)
    answer = await rig.ask("GET", "//api/videos/3")
    assert (answer.status, answer.json["side"]) == (200, stage.value)


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
async def test_head_is_its_get_without_a_body(rig: Rig, stage: Stage) -> None:
    rig.set("GET /api/videos/{id}", stage)
    get, head = await rig.ask("GET", "/api/videos/3"), await rig.ask("HEAD", "/api/videos/3")
    assert (head.status, head.body, head.side) == (200, b"", stage.value)
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.headers["content-length"] == str(len(get.body))


async def test_a_head_that_modern_declares_is_its_own(flags: MemoryStore) -> None:
    modern = FastAPI()

    @modern.get("/a")
    async def get() -> str:
        return "get"

    @modern.head("/a")
    async def head() -> PlainTextResponse:
        return PlainTextResponse("", headers={"x-asked": "head"})

    rig = Rig(flags, modern=modern)
    async with running(rig.router):
        assert (await rig.ask("HEAD", "/a")).headers["x-asked"] == "head"
        assert (await rig.ask("GET", "/a")).json == "get"


async def test_nobody_signs_in_the_routers_name(rig: Rig) -> None:
    answer = await rig.ask("GET", "/old")
    assert answer.all("x-served-by") == ["legacy"]
    assert answer.all("x-request-id") != ["forged"]
    assert len(answer.all("x-request-id")) == 1


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
@pytest.mark.parametrize("given", ["abc-123", None, "bad id", "x" * 129, "a\u00e9"])
async def test_a_request_has_one_name_on_both_sides_and_in_the_answer(
    rig: Rig, stage: Stage, given: str | None
) -> None:
    rig.set("GET /api/videos/{id}", stage)
    answer = await rig.ask("GET", "/api/videos/3", headers={} if given is None else {"x-request-id": given})
    name = answer.headers["x-request-id"]
    assert answer.json["request_id"] == name
    assert (name == given) is (given == "abc-123")


async def test_two_request_ids_are_none(rig: Rig) -> None:
    answer = await rig.ask("GET", "/api/videos/3", headers=[("x-request-id", "a"), ("x-request-id", "b")])
    assert answer.headers["x-request-id"] not in {"a", "b"}


def quiet(environ: Any, start_response: Any) -> Iterator[bytes]:
    raise RuntimeError("secret detail")


async def silent(scope: Any, receive: Any, send: Any) -> None:
    """Answers nothing at all."""


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


async def test_a_modern_handlers_failure_is_answered_by_the_modern_application(rig: Rig) -> None:
    rig.set("GET /api/broken", Stage.MODERN)
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
        assert registry.get_sample_value("strangler_config_epoch") == 1
        assert registry.get_sample_value("strangler_wsgi_threads", {"state": "idle"}) == 10
        assert registry.get_sample_value("strangler_wsgi_queue_wait_seconds_count") == 4


@pytest.mark.parametrize(("legacy", "modern"), [(fastapi_app(), fastapi_app()), (flask_app(), flask_app())])
def test_a_mix_up_of_protocols_is_refused_at_boot(flags: MemoryStore, legacy: Any, modern: Any) -> None:
    with pytest.raises(WrongProtocol, match=r"where an? (ASGI|WSGI) one belongs"):
        Router(legacy, modern, flags)


def test_constructing_connects_to_nothing_and_starts_nothing() -> None:
    class Unreadable(MemoryStore):
        def epoch(self) -> int:
            raise AssertionError("read too early")

    threads = threading.active_count()
    Router(flask_app(), fastapi_app(), Unreadable())
    assert threading.active_count() == threads


async def test_two_routers_may_share_a_modern_application(flags: MemoryStore) -> None:
    modern = fastapi_app()
    first, second = Rig(flags, modern=modern), Rig(flags, modern=modern)
    async with running(first.router), running(second.router):
        for rig in (first, second):
            assert (await rig.ask("GET", "/api/new")).json == {"side": "modern"}
    assert sum(type(route).__name__ == "Door" for route in modern.router.routes) == 1


async def test_a_starlette_application_with_files_is_entered_too(flags: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("body{}")

    async def number(request: Any) -> PlainTextResponse:
        return PlainTextResponse(repr(request.path_params["n"]))

    async def stream(request: Any) -> StreamingResponse:
        return StreamingResponse(iter([b"a", b"b"]))

    modern = Starlette(routes=[StarletteRoute("/n/{n:int}", number), StarletteRoute("/s", stream)])
    modern.mount("/static", StaticFiles(directory=tmp_path))
    modern.add_middleware(BaseHTTPMiddleware, dispatch=lambda request, call_next: call_next(request))
    rig = Rig(flags, modern=modern)
    async with running(rig.router):
        assert (await rig.ask("GET", "/n/5")).body == b"5"
        assert (await rig.ask("HEAD", "/n/5")).headers["content-length"] == "1"
        assert (await rig.ask("GET", "/s")).body == b"ab"
        assert (await rig.ask("GET", "/static/a.css")).body == b"body{}"
        assert (await rig.ask("GET", "/static/b.css")).status == 404


async def test_a_branch_with_limits_of_its_own_keeps_them(flags: MemoryStore) -> None:
    modern, limited = FastAPI(), APIRouter()

    @limited.post("/limited")
    async def view(request: Request) -> int:
        return len(await request.body())

    modern.include_router(limited, max_body_size=10)
    rig = Rig(flags, modern=modern)
    async with running(rig.router):
        assert (await rig.ask("POST", "/limited", body=b"x" * 10)).json == 10
        assert (await rig.ask("POST", "/limited", body=b"x" * 11)).status == 413


async def test_a_mount_point_is_no_part_of_the_match(rig: Rig) -> None:
    rig.set("GET /api/videos/{id}", Stage.MODERN)
    answer = await rig.ask("GET", "/app/api/videos/3", root_path="/app", headers={"host": "a.example"})
    assert (answer.side, answer.json["id"]) == ("modern", 3)
    assert (await rig.ask("GET", "/application/api/videos/3", root_path="/app")).status == 404
