"""The short way is taken by whom it may be taken by, and nothing on it is another answer than on the long one."""

from typing import Any

import pytest

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router import Observation
from router.drill.warrant import HEADER as DRILL
from router.lane import Lane
from router.override import COOKIE
from router.override import HEADER as CLAIM
from router.reply import EXPLAIN
from router.request import SHADOW
from tests.router.asking import ask
from tests.router.rig import Rig, running

pytestmark = pytest.mark.anyio

KEY = "GET /api/videos/{id}"
PATH = "/api/videos/7"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the requests that took the short way."""
    found: list[str] = []
    carry = Lane.carry

    async def noting(self: Lane, scope: Any, *more: Any) -> None:
        found.append(scope["path"])
        await carry(self, scope, *more)

    monkeypatch.setattr(Lane, "carry", noting)
    return found


def rig_at(stage: Stage, percent: float | None = None, **options: Any) -> Rig:
    rig = Rig(MemoryStore(), **options)
    rig.set(KEY, stage, percent)
    return rig


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_both_ways_answer_alike(taken: list[str], method: str) -> None:
    """A request id of its own sends a request the long way."""
    rig = rig_at(Stage.MODERN)
    async with running(rig.router):
        short = await rig.ask(method, PATH)
        assert taken == [PATH]
        long = await rig.ask(method, PATH, headers={"x-request-id": short.headers["x-request-id"]})
        assert taken == [PATH]
    assert (short.status, short.headers, short.body) == (long.status, long.headers, long.body)
    assert short.headers["x-served-by"] == "modern"
    assert method == "HEAD" or short.json["request_id"] == short.headers["x-request-id"]


@pytest.mark.parametrize("path", [PATH, "/api/videos/404", "/api/videos/410"])
async def test_both_ways_are_counted_alike(taken: list[str], path: str) -> None:
    seen: list[Observation] = []
    for observers in ([], [seen.append]):
        rig = rig_at(Stage.MODERN, observers=observers)
        async with running(rig.router):
            answers = [await rig.ask("GET", path, headers=headers) for headers in ({}, {"x-request-id": "long"})]
            assert answers[0].status == answers[1].status
            counts = rig.router.metrics.requests()
            assert sum(counts.values()) == 2
            assert len(counts) == 1
    if seen:
        first, second = (one._replace(duration=0.0, request_id="") for one in seen)
        assert first == second
    assert taken == [path, path]


@pytest.mark.parametrize("name", [CLAIM, SHADOW, DRILL, EXPLAIN, b"x-request-id"])
async def test_who_wants_something_of_the_router_is_heard(taken: list[str], name: bytes) -> None:
    rig = rig_at(Stage.MODERN)
    async with running(rig.router):
        assert (await rig.ask("GET", PATH, headers={name.decode(): "legacy"})).status == 200
    assert taken == []


@pytest.mark.parametrize("body", [b"abc", [b"abc", b"d"]])
async def test_a_body_is_measured(taken: list[str], body: Any) -> None:
    rig = rig_at(Stage.MODERN, max_body=2)
    async with running(rig.router):
        await rig.ask("GET", PATH, body=body)
        await rig.ask("GET", PATH, http_version="2")
    assert taken == []


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.SHADOW, Stage.CANARY])
async def test_a_route_that_is_not_moved_goes_the_long_way(taken: list[str], stage: Stage) -> None:
    rig = rig_at(stage, 50 if stage is Stage.CANARY else None)
    async with running(rig.router):
        assert (await rig.ask("GET", PATH)).side == "legacy"
    assert taken == []


async def test_a_cookie_that_names_a_side_is_read_and_others_are_not(taken: list[str]) -> None:
    rig = rig_at(Stage.MODERN, secret="a secret of the test")
    async with running(rig.router):
        await rig.ask("GET", PATH, headers={"cookie": "session=1"})
        assert taken == [PATH]
        await rig.ask("GET", PATH, headers={"cookie": f"session=1; {COOKIE}=legacy.1.a.b"})
        assert taken == [PATH]


async def test_a_write_goes_the_long_way(taken: list[str]) -> None:
    rig = rig_at(Stage.MODERN)
    rig.set("POST /api/videos", Stage.MODERN)
    async with running(rig.router):
        assert (await ask(rig.router, "POST", "/api/videos")).side == "modern"
    assert taken == []


async def test_a_route_taken_back_is_legacys_with_the_next_request(taken: list[str]) -> None:
    rig = rig_at(Stage.MODERN)
    async with running(rig.router):
        assert (await rig.ask("GET", PATH)).side == "modern"
        rig.set(KEY, Stage.LEGACY)
        assert (await rig.ask("GET", PATH)).side == "legacy"
    assert taken == [PATH]
