"""Visitors at a canary: nobody alternates, raising only adds, and no cache hands one visitor's side to another."""

import asyncio
import logging
from typing import Any

import pytest

from migration_flags import Rule, Stage, Visitor
from migration_flags.stores.memory import MemoryStore
from router import Observation, Route, Side
from router.privacy import with_privacy
from router.row import UNMATCHED_KEY
from tests.router.asking import Answer, until
from tests.router.rig import Rig, running

pytestmark = pytest.mark.anyio

KEY = "GET /a"
SECRET = "a secret of the test"


def legacy(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Cache-Control", "public, max-age=60")])
    return [b"legacy"]


async def modern(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    assert not any(name.startswith(b"x-strangler") for name, _ in scope["headers"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"modern"})


def identify(scope: Any) -> str | None:
    """The visitor's own word, which is enough for a toy."""
    return next((f"user:{value.decode()}" for name, value in scope["headers"] if name == b"authorization"), None)


def rig_of(**options: Any) -> Rig:
    return Rig(MemoryStore(), legacy=legacy, modern=modern, routes=[Route(KEY), Route("POST /a")], **options)


async def asked(rig: Rig, user: object = None, **headers: str) -> Answer:
    named = {} if user is None else {"authorization": str(user)}
    return await rig.ask("GET", "/a", headers={**named, **{name.replace("_", "-"): headers[name] for name in headers}})


async def sides(rig: Rig, users: range) -> dict[int, str]:
    return {user: (await asked(rig, user)).side for user in users}


async def test_a_visitor_never_alternates_and_raising_only_adds() -> None:
    rig = rig_of(identify=identify)
    async with running(rig.router):
        moved: set[int] = set()
        for percent in (1.0, 5.0, 25.0, 50.0, 100.0):
            rig.set(KEY, Stage.CANARY, percent)
            first, again = await sides(rig, range(300)), await sides(rig, range(300))
            assert first == again
            now = {user for user, side in first.items() if side == "modern"}
            assert moved <= now
            assert abs(len(now) / 3 - percent) < 10
            moved = now
        assert len(moved) == 300
        rig.set(KEY, Stage.CANARY, 0.0)
        assert set((await sides(rig, range(300))).values()) == {"legacy"}


async def test_one_journey_moves_a_visitor_together() -> None:
    rig = rig_of(identify=identify)
    for key in (KEY, "POST /a"):
        rig.set(key, Stage.CANARY, 30.0, group="checkout")
    async with running(rig.router):
        for user in range(60):
            read = await asked(rig, user)
            write = await rig.ask("POST", "/a", headers={"authorization": str(user)})
            assert read.side == write.side


async def test_a_rule_wins_over_the_percentage() -> None:
    rig = rig_of(identify=lambda scope: Visitor("u", "ada", frozenset({"tester"})))
    async with running(rig.router):
        rig.set(KEY, Stage.CANARY, 0.0, rules=(Rule("role", "tester", modern=True),))
        assert (await asked(rig)).side == "modern"
        rig.set(KEY, Stage.CANARY, 100.0, rules=(Rule("user", "ada", modern=False),))
        assert (await asked(rig)).side == "legacy"


async def test_an_unknown_visitor_gets_a_cookie_and_a_side_to_stay_on() -> None:
    rig = rig_of(secret=SECRET)
    rig.set(KEY, Stage.CANARY, 100.0)
    async with running(rig.router):
        first = await asked(rig)
        assert first.side == "legacy"
        cookie = first.headers["set-cookie"]
        assert cookie.startswith("strangler_id=")
        assert cookie.endswith("; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax")
        second = await asked(rig, cookie=cookie.partition(";")[0])
        assert second.side == "modern"
        assert "set-cookie" not in second.headers
        other = await asked(rig)
        assert other.headers["set-cookie"] != cookie


async def test_the_cookie_is_secure_and_below_the_mount_point_where_that_fits() -> None:
    rig = rig_of(secret=lambda: SECRET)
    rig.set(KEY, Stage.CANARY, 100.0)
    async with running(rig.router):
        answer = await rig.ask("GET", "/shop/a", root_path="/shop", scheme="https")
        assert answer.headers["set-cookie"].endswith("; Path=/shop; HttpOnly; SameSite=Lax; Secure")


@pytest.mark.parametrize("value", ["strangler_id=", "strangler_id=zz.zz", "strangler_id=" + "0" * 32 + ".AAAA", "x=1"])
async def test_a_cookie_that_is_not_ours_is_nobody(value: str) -> None:
    rig = rig_of(secret=SECRET)
    rig.set(KEY, Stage.CANARY, 100.0)
    async with running(rig.router):
        answer = await asked(rig, cookie=value)
        assert answer.side == "legacy"
        assert "set-cookie" in answer.headers


async def test_another_secret_knows_nobody() -> None:
    ours, theirs = rig_of(secret="ours"), rig_of(secret="theirs")
    for rig in (ours, theirs):
        rig.set(KEY, Stage.CANARY, 100.0)
    async with running(ours.router), running(theirs.router):
        cookie = (await asked(ours)).headers["set-cookie"].partition(";")[0]
        assert ((await asked(ours, cookie=cookie)).side, (await asked(theirs, cookie=cookie)).side) == (
            "modern",
            "legacy",
        )


async def test_without_a_secret_nobody_gets_a_cookie_and_the_log_says_so_once(caplog: Any) -> None:
    rig = rig_of()
    rig.set(KEY, Stage.CANARY, 100.0)
    async with running(rig.router):
        caplog.set_level(logging.WARNING, "router.selection")
        for _ in range(3):
            answer = await asked(rig)
            assert (answer.side, "set-cookie" in answer.headers) == ("legacy", False)
    assert [record.name for record in caplog.records] == ["router.selection"]


async def test_a_client_with_authorization_is_one_visitor_and_gets_no_cookie() -> None:
    rig = rig_of(secret=SECRET)
    rig.set(KEY, Stage.CANARY, 100.0)
    async with running(rig.router):
        answer = await asked(rig, user="Bearer t")
        assert (answer.side, "set-cookie" in answer.headers) == ("modern", False)


async def test_a_login_that_changes_the_visitor_is_counted() -> None:
    rig = rig_of(identify=identify, secret=SECRET)
    rig.set(KEY, Stage.CANARY, 50.0)
    async with running(rig.router):
        cookie = (await asked(rig)).headers["set-cookie"].partition(";")[0]
        for _ in range(3):
            await asked(rig, cookie=cookie)
            await asked(rig, cookie=cookie, user=5) if _ else None
        assert rig.router._selector.identity.flips == 1


async def test_an_identify_that_raises_hurts_nobody(caplog: Any) -> None:
    def broken(scope: Any) -> str:
        raise RuntimeError("secret detail")

    rig = rig_of(identify=broken)
    rig.set(KEY, Stage.CANARY, 100.0)
    async with running(rig.router):
        assert (await asked(rig)).side == "legacy"


async def test_identify_is_asked_only_where_a_side_depends_on_it_and_once_per_visitor() -> None:
    calls: list[object] = []

    def counting(scope: Any) -> str:
        calls.append(scope)
        return "user:1"

    rig = rig_of(identify=counting)
    async with running(rig.router):
        for stage in (Stage.LEGACY, Stage.SHADOW, Stage.MODERN):
            rig.set(KEY, stage)
            await asked(rig, 1)
        assert calls == []
        rig.set(KEY, Stage.CANARY, 100.0)
        for _ in range(3):
            await asked(rig, 1)
        assert len(calls) == 1


async def test_nobody_is_taken_for_another_who_presents_as_little() -> None:
    """An application may know its visitors by what the router does not count among credentials."""
    rig = rig_of(
        identify=lambda scope: next((f"key:{v.decode()}" for k, v in scope["headers"] if k == b"x-mine"), None)
    )
    rig.set(KEY, Stage.CANARY, 100.0)
    async with running(rig.router):
        assert (await asked(rig)).side == "legacy"
        assert (await asked(rig, x_mine="1")).side == "modern"
        assert (await asked(rig)).side == "legacy"


@pytest.mark.parametrize("percent", [0.0, 100.0])
async def test_no_cache_hands_one_visitors_side_to_another(percent: float) -> None:
    rig = rig_of(identify=identify)
    rig.set(KEY, Stage.CANARY, percent)
    async with running(rig.router):
        answer = await asked(rig, 1)
        assert (answer.all("vary"), "private" in answer.headers["cache-control"]) == (["Cookie"], True)
        assert "public" not in answer.headers["cache-control"]
        rig.set(KEY, Stage.LEGACY)
        answer = await asked(rig, 1)
        assert (answer.all("vary"), answer.headers["cache-control"]) == ([], "public, max-age=60")


@pytest.mark.parametrize(
    ("given", "vary", "control"),
    [
        ([], [b"Cookie"], [b"private"]),
        ([(b"vary", b"Accept, cookie")], [b"Accept, cookie"], [b"private"]),
        ([(b"vary", b"*")], [b"*"], [b"private"]),
        ([(b"cache-control", b"no-store")], [b"Cookie"], [b"no-store"]),
        ([(b"cache-control", b"private, max-age=5")], [b"Cookie"], [b"private, max-age=5"]),
        ([(b"Cache-Control", b"Public, max-age=5")], [b"Cookie"], [b"private, max-age=5"]),
        ([(b"cache-control", b"max-age=5")], [b"Cookie"], [b"max-age=5", b"private"]),
    ],
)
def test_caches_are_told_no_less_than_before_and_nothing_twice(given: Any, vary: Any, control: Any) -> None:
    told = with_privacy(given)
    assert [value for name, value in told if name.lower() == b"vary"] == vary
    assert [value for name, value in told if name.lower() == b"cache-control"] == control


async def test_the_kill_switch_sends_everybody_back_and_retired_stays() -> None:
    rig = rig_of(identify=identify)
    rig.set(KEY, Stage.CANARY, 100.0)
    rig.set("POST /a", Stage.RETIRED)
    async with running(rig.router):
        rig.flags.kill(True, actor="test", reason="test")
        rig.router.refresh()
        assert (await asked(rig, 1)).side == "legacy"
        assert (await rig.ask("POST", "/a")).side == "modern"
        assert rig.router.decision(KEY).reason == "kill switch"
        rig.flags.kill(False, actor="test", reason="test")
        rig.router.refresh()
        assert (await asked(rig, 1)).side == "modern"


async def test_a_local_latch_is_seen_by_the_very_next_request_and_lifted_by_the_next_change() -> None:
    rig = rig_of(identify=identify, secret=SECRET, authorize=lambda scope, action: True)
    rig.set(KEY, Stage.MODERN)
    async with running(rig.router):
        rig.router._refresher.latch(KEY)
        assert (await asked(rig)).side == "legacy"
        assert (await asked(rig, x_strangler_side="modern")).side == "legacy"
        rig.set("POST /a", Stage.MODERN)
        assert (await asked(rig)).side == "legacy"
        assert rig.router.decision(KEY).reason == "latch"
        rig.set(KEY, Stage.CANARY, 100.0)
        assert (await asked(rig, 1)).side == "modern"


async def test_a_request_under_way_ends_where_it_began() -> None:
    began, go = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        began.set()
        await go.wait()
        await modern(scope, receive, send)

    rig = Rig(MemoryStore(), legacy=legacy, modern=slow, routes=[Route(KEY)])
    rig.set(KEY, Stage.MODERN)
    async with running(rig.router):
        first = asyncio.create_task(rig.ask("GET", "/a"))
        await began.wait()
        rig.router._refresher.latch(KEY)
        assert (await rig.ask("GET", "/a")).side == "legacy"
        go.set()
        assert (await first).side == "modern"


async def test_an_explanation_names_the_bucket() -> None:
    rig = rig_of(identify=identify, authorize=lambda scope, action: action == "explain")
    rig.set(KEY, Stage.CANARY, 100.0)
    async with running(rig.router):
        told = (await asked(rig, 1, x_strangler_explain="1")).headers["x-strangler-explain"]
        assert told.startswith("route=GET /a; side=modern; stage=canary; reason=percent; bucket=")
        assert (
            (await asked(rig, x_strangler_explain="1"))
            .headers["x-strangler-explain"]
            .endswith("reason=no unit; epoch=1")
        )


async def test_observers_learn_what_a_rollback_needs() -> None:
    seen: list[Observation] = []
    rig = rig_of(identify=identify, observers=[seen.append])
    rig.set(KEY, Stage.CANARY, 50.0)
    async with running(rig.router):
        for user in (1, 2, 1, None):
            await asked(rig, user)
    units = [one.unit_hash for one in seen]
    assert units[0] == units[2] != units[1]
    assert units[3] is None
    assert {(one.stage, one.fault, one.fallback) for one in seen} == {(Stage.CANARY, False, False)}


async def test_the_routes_nobody_declared_can_be_a_canary_too() -> None:
    rig = rig_of(identify=identify)
    rig.set(UNMATCHED_KEY, Stage.CANARY, 100.0)
    async with running(rig.router):
        assert (await rig.ask("GET", "/nowhere", headers={"authorization": "1"})).side == "modern"
        assert (await rig.ask("GET", "/nowhere")).side == "legacy"


async def test_faults_at_a_canary_take_the_route_back_by_themselves(caplog: Any) -> None:
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        raise RuntimeError

    rig = Rig(MemoryStore(), legacy=legacy, modern=failing, routes=[Route(KEY)], identify=identify)
    rig.set(KEY, Stage.CANARY, 100.0)
    caplog.set_level(logging.CRITICAL)
    async with running(rig.router):
        served = [await asked(rig, user) for user in range(30)]
        assert {answer.status for answer in served} == {200}
        assert rig.router.decision(KEY).side is Side.LEGACY
        assert rig.router.decision(KEY).reason == "latch"
        await until(lambda: (flag := rig.flags.snapshot().get(KEY)) is not None and flag.latch is not None)
        rig.router.refresh()
        assert rig.router.decision(KEY).side is Side.LEGACY


async def test_what_legacy_answers_at_shadow_is_asked_of_modern_afterwards() -> None:
    shadowed: list[Any] = []

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        shadowed.append((b"x-strangler-shadow", b"1") in scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"modern"})

    async def http_only(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await noting(scope, receive, send)

    rig = Rig(MemoryStore(), legacy=legacy, modern=http_only, routes=[Route(KEY)])
    rig.set(KEY, Stage.SHADOW, mirror=100.0)
    async with running(rig.router):
        answer = await asked(rig, x_strangler_shadow="1")
        assert answer.side == "legacy"
        await until(lambda: shadowed == [True])
        mirror = rig.router.mirror
        assert mirror is not None
        await until(lambda: mirror.summary(KEY)["compared"] == 1)
