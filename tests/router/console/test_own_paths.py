"""The router's own paths: no application takes them, no flag moves them, and no mirror asks for them."""

from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router
from router.errors import PathTaken
from router.row import Owner, Side
from router.table import RouteTable
from tests.router.asking import ask
from tests.router.console.toy import modern, routes
from tests.router.rig import running

pytestmark = pytest.mark.anyio


def greedy() -> tuple[Flask, FastAPI]:
    """Both take whatever comes."""
    legacy, modern_ = Flask("legacy", static_folder=None), FastAPI()

    @legacy.route("/", defaults={"path": ""}, methods=["GET", "POST", "DELETE"])
    @legacy.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    def everything(path: str) -> str:
        return f"legacy {path}"

    @modern_.api_route("/{path:path}", methods=["GET", "POST", "DELETE"])
    async def all_of_it(path: str) -> str:
        return f"modern {path}"

    return legacy, modern_


@pytest.mark.parametrize("stage", list(Stage))
async def test_a_catch_all_takes_nothing_from_the_console(stage: Stage) -> None:
    store = MemoryStore()
    router = Router(*greedy(), store, authorize=lambda scope, action: True)
    store.apply(
        [Change(row.key, stage, 50.0 if stage is Stage.CANARY else None) for row in router.table], actor="t", reason="t"
    )
    async with running(router):
        for path in (
            "/_strangler",
            "/_strangler/",
            "/_strangler/api/state",
            "/_strangler/any/depth/of/it",
            "//_strangler/",
        ):
            answer = await ask(router, "GET", path)
            assert answer.side == "router", path
        for method in ("POST", "DELETE", "PUT", "OPTIONS", "HEAD", "ODD"):
            assert (await ask(router, method, "/_strangler/api/state")).side == "router", method
        assert (await ask(router, "GET", "/_strangler2")).side != "router"
        assert (await ask(router, "GET", "/a/_strangler/")).side != "router"


@pytest.mark.parametrize("path", ["/_strangler", "/_strangler/", "/_strangler/<name>", "/_strangler/api/state"])
def test_an_application_that_declares_such_a_path_is_refused(path: str) -> None:
    legacy = Flask("legacy", static_folder=None)
    legacy.add_url_rule(path, "own", lambda **_: "x")
    with pytest.raises(PathTaken, match="legacy application declares GET /_strangler"):
        Router(legacy, FastAPI(), MemoryStore())
    modern_ = FastAPI()
    modern_.get(path.replace("<", "{").replace(">", "}"))(lambda: "x")
    with pytest.raises(PathTaken, match="modern application declares GET /_strangler"):
        Router(Flask("legacy", static_folder=None), modern_, MemoryStore())


def test_the_row_is_matched_and_never_listed() -> None:
    table = RouteTable()
    assert table.match("GET", "/_strangler/x") is table.own
    assert table.own not in list(table)
    assert table.own.owner is Owner.ROUTER


async def test_neither_the_mirror_nor_a_kill_switch_reaches_it() -> None:
    store = MemoryStore()
    asked: list[Any] = []

    async def seen(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope)
        await modern(scope, receive, send)

    router = Router(lambda *_: [b""], seen, store, routes=routes(10), authorize=lambda scope, action: True)
    changes = [Change(row.key, Stage.SHADOW, mirror=100.0) for row in router.table if row.owner is Owner.BOTH]
    store.apply(changes, actor="t", reason="t")
    store.kill(True, actor="t", reason="t")
    async with running(router):
        asked.clear()
        assert (await ask(router, "GET", "/_strangler/api/state")).side == "router"
        assert asked == []
        assert router.metrics.requests()[router.table.own.key, Side.ROUTER, 2] == 1


async def test_below_a_mount_point_it_is_where_the_router_is() -> None:
    router = Router(*greedy(), MemoryStore(), authorize=lambda scope, action: False, login="/login")
    async with running(router):
        answer = await ask(router, "GET", "/app/_strangler/", root_path="/app", headers={"accept": "text/html"})
        assert (answer.status, answer.headers["location"]) == (303, "/app/login?next=/app/_strangler/")
        assert (await ask(router, "GET", "/app/_strangler", root_path="/app")).status == 308
        assert (await ask(router, "GET", "/_strangler/", root_path="/app")).status == 401


async def test_a_console_that_fails_says_nothing_of_why(caplog: pytest.LogCaptureFixture) -> None:
    def broken(scope: Any, action: str) -> bool:
        raise RuntimeError("a secret")

    router = Router(*greedy(), MemoryStore(), authorize=broken)
    async with running(router):
        answer = await ask(router, "GET", "/_strangler/api/state")
    assert (answer.status, answer.side) == (500, "router")
    assert b"secret" not in answer.body
    assert "The console failed." in caplog.text
