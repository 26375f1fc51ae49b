"""The front door: who answers, signed by whom, and the modern application as whole as alone."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route as StarletteRoute
from starlette.staticfiles import StaticFiles

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router.row import UNMATCHED_KEY
from tests.router.asking import ask
from tests.router.rig import Rig, events, fastapi_app, running

pytestmark = pytest.mark.anyio


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
        ("OPTIONS", "/api/videos", 200, 200),
        ("GET", "/api//new", 404, 404),
        ("GET", "/api/videos/", 404, 404),
    ],
)
async def test_what_no_row_takes_goes_to_the_side_of_the_virtual_row(
    rig: Rig, method: str, path: str, legacy: int, modern: int
) -> None:
    first = await rig.ask(method, path, headers={"host": "a.example"})
    rig.set(UNMATCHED_KEY, Stage.MODERN)
    second = await rig.ask(method, path, headers={"host": "a.example"})
    assert (first.side, second.side, second.status) == ("legacy", "modern", modern)
    assert first.status == legacy


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
