"""A route of a real router that fails goes back at once here, and for all in the store, and stays back."""

from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router.observation import Observation
from router.row import Side
from tests.router.asking import Client, http_scope
from tests.router.rig import Rig, running
from tests.router.serving import wait

pytestmark = pytest.mark.anyio
LISTING, WRITE = "GET /api/videos", "POST /api/videos"


def broken_modern() -> FastAPI:
    app = FastAPI()

    @app.get("/api/videos")
    async def listing() -> None:
        raise RuntimeError("modern is broken")

    @app.post("/api/videos")
    async def write() -> None:
        raise RuntimeError("modern is broken")

    return app


def who(scope: Any) -> str | None:
    return next((value.decode() for name, value in scope["headers"] if name == b"cookie"), None)


@pytest.fixture
def seen() -> list[Observation]:
    return []


@pytest.fixture
async def broken(seen: list[Observation]) -> AsyncIterator[Rig]:
    rig = Rig(MemoryStore(), modern=broken_modern(), identify=who, observers=[seen.append])
    async with running(rig.router):
        yield rig


async def visit(rig: Rig, method: str, visitors: Iterable[int]) -> list[int]:
    """One request of each visitor; the statuses. FastAPI raises again after its own answer, and so does the router."""
    statuses = []
    for number in visitors:
        client = Client()
        with suppress(RuntimeError):
            await rig.router(
                http_scope(method, "/api/videos", [("cookie", f"user:{number}")]), client.receive, client.send
            )
        statuses.append(client.answer.status)
    return statuses


def stored(rig: Rig, key: str) -> Stage:
    flag = rig.flags.snapshot().get(key)
    assert flag is not None
    return flag.stage


async def test_a_broken_listing_goes_back_and_no_visitor_saw_it(broken: Rig, seen: list[Observation]) -> None:
    broken.set(LISTING, Stage.CANARY, 50.0)
    assert set(await visit(broken, "GET", range(60))) == {200}
    assert sum(one.side is Side.MODERN for one in seen) == 5
    assert all(one.side is Side.LEGACY for one in seen[-20:])
    wait(lambda: stored(broken, LISTING) is Stage.SHADOW)
    flag = broken.flags.snapshot().get(LISTING)
    assert flag is not None
    assert flag.latch is not None
    assert (flag.latch.trip, flag.latch.percent) == ("burst", 50.0)
    assert flag.latch.probe_at is not None


async def test_a_broken_write_fails_five_times_and_never_again(broken: Rig) -> None:
    broken.set(WRITE, Stage.CANARY, 50.0)
    statuses = await visit(broken, "POST", range(60))
    assert statuses.count(500) == 5
    assert set(statuses[-20:]) == {200}
    wait(lambda: stored(broken, WRITE) is Stage.LEGACY)
    broken.router.refresh()
    assert set(await visit(broken, "POST", range(60, 120))) == {200}


async def test_one_route_going_back_leaves_the_others(broken: Rig) -> None:
    broken.set(LISTING, Stage.CANARY, 50.0)
    broken.set(WRITE, Stage.CANARY, 50.0)
    await visit(broken, "POST", range(60))
    wait(lambda: stored(broken, WRITE) is Stage.LEGACY)
    assert stored(broken, LISTING) is Stage.CANARY


async def test_at_full_traffic_it_goes_back_too(broken: Rig) -> None:
    broken.set(WRITE, Stage.MODERN)
    statuses = await visit(broken, "POST", range(20))
    assert statuses == [500] * 5 + [200] * 15
    wait(lambda: stored(broken, WRITE) is Stage.LEGACY)


async def test_the_only_user_of_a_home_is_taken_back_by_the_tenth_request(broken: Rig) -> None:
    broken.set(WRITE, Stage.MODERN)
    statuses = await visit(broken, "POST", [1] * 20)
    assert statuses == [500] * 10 + [200] * 10
    wait(lambda: stored(broken, WRITE) is Stage.LEGACY)


async def test_a_person_who_sets_it_again_is_obeyed(broken: Rig) -> None:
    broken.set(WRITE, Stage.MODERN)
    await visit(broken, "POST", range(5))
    wait(lambda: stored(broken, WRITE) is Stage.LEGACY)
    broken.set(WRITE, Stage.MODERN)
    assert set(await visit(broken, "POST", range(4))) == {500}
