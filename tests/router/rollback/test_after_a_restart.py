"""A router that was restarted when modern had the route already still knows how quick legacy was."""

import asyncio
from typing import Any

import pytest

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Route, Router
from router.rollback.latency import LatencyRule
from router.rollback.rules import RollbackRules
from tests.router.asking import Client, http_scope, until
from tests.router.rig import running

pytestmark = pytest.mark.anyio
KEY = "GET /a"
RULES = RollbackRules(latency=LatencyRule(window=0.5, samples=20))


def legacy(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "6")])
    return [b"legacy"]


class Modern:
    """Answers after so many seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(self.seconds)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"modern"})


def door(store: MemoryStore, modern: Modern, version: str) -> Router:
    return Router(
        legacy, modern, store, routes=[Route(KEY)], rollback=RULES, version=version, mirror=None, poll_interval=0.05
    )


def move(store: MemoryStore, stage: Stage, percent: float | None = None) -> None:
    store.apply([Change(KEY, stage, percent)], actor="test", reason="moves")


async def visit(router: Router, number: int) -> None:
    for _ in range(number):
        client = Client()
        await router(http_scope("GET", "/a", []), client.receive, client.send)


async def goes_back(router: Router, store: MemoryStore, seconds: float) -> bool:
    """Whether the route does within so many seconds of traffic."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline:
        await visit(router, 10)
        flag = store.snapshot().get(KEY)
        if flag is not None and flag.latch is not None:
            assert flag.latch.trip == "latency"
            return True
    return False


@pytest.mark.parametrize(("version", "expected"), [("v1", True), ("v2", False)])
async def test_a_slow_modern_side_goes_back_after_a_restart(version: str, expected: bool) -> None:
    store, modern = MemoryStore(), Modern()
    move(store, Stage.CANARY, 0.0)
    first = door(store, modern, "v1")
    async with running(first):
        await visit(first, 40)
        assert first._oversight._archive is not None
        first._oversight._archive._due = 0.0  # not in half a minute
        await until(lambda: bool(store.evidence(KEY, kind="canary")))
    modern.seconds = 0.03
    move(store, Stage.MODERN)
    second = door(store, modern, version)
    async with running(second):
        assert await goes_back(second, store, 15.0 if expected else 6.0) is expected
