"""Our flags, asked for through OpenFeature."""

import asyncio
import uuid
from collections.abc import Iterator

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason

from migration_flags import Change, Latch, Rule, Snapshot, Stage, StoreUnavailable, Visitor, evaluate
from migration_flags.openfeature import StranglerProvider
from migration_flags.stores.memory import MemoryStore

KEY = "GET /a"


class Store(MemoryStore):
    away = closed = False

    def epoch(self) -> int:
        if self.away:
            raise StoreUnavailable("memory", "test")
        return super().epoch()

    def snapshot(self) -> Snapshot:
        if self.away:
            raise StoreUnavailable("memory", "test")
        return super().snapshot()

    def close(self) -> None:
        self.closed = True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store() -> Store:
    made = Store()
    made.apply(
        [Change(KEY, Stage.CANARY, 50, rules=(Rule("role", "tester", True), Rule("user", "ada", False)))],
        actor="ada",
        reason="why",
    )
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(store: Store, clock: Clock) -> Iterator[OpenFeatureClient]:
    domain = uuid.uuid4().hex
    api.set_provider_and_wait(StranglerProvider(store, clock=clock), domain)
    yield api.get_client(domain)
    api.clear_providers()
    assert store.closed


def test_a_visitor_gets_the_side_that_the_router_gives_it(client: OpenFeatureClient, store: Store) -> None:
    sides = {
        unit: client.get_boolean_value(KEY, False, EvaluationContext(unit))
        for unit in (f"user:{n}" for n in range(200))
    }
    assert sides == {unit: evaluate(store.snapshot(), KEY, Visitor(unit)).modern for unit in sides}
    assert set(sides.values()) == {True, False}


def test_rules_count(client: OpenFeatureClient) -> None:
    assert client.get_boolean_value(KEY, False, EvaluationContext("x", {"roles": ["tester"]}))
    assert not client.get_boolean_value(KEY, True, EvaluationContext("x", {"user": "ada", "roles": ["tester"]}))


def test_every_type_has_its_meaning(client: OpenFeatureClient) -> None:
    assert client.get_string_value(KEY, "") == "canary"
    assert client.get_integer_value(KEY, 0) == 50
    assert client.get_float_value(KEY, 0.0) == 50.0
    assert client.get_object_value(KEY, {}) == {"stage": "canary", "percent": 50.0, "modern": False}
    details = client.get_boolean_details(KEY, False, EvaluationContext("user:1"))
    assert (details.reason, details.variant) == (Reason.SPLIT, "canary")
    assert details.flag_metadata == {"epoch": 1, "reason": "percent"}


def test_percentages_tell_what_visitors_get(client: OpenFeatureClient, store: Store, clock: Clock) -> None:
    latch = Latch("burst", "2026-03-01T12:00:00+00:00", Stage.CANARY, 5.0)
    for change, percent in (
        (Change(KEY, Stage.MODERN), 100.0),
        (Change(KEY, Stage.SHADOW, latch=latch), 0.0),
        (Change(KEY, Stage.RETIRED), 100.0),
    ):
        store.apply([change], actor="ada", reason="why")
        clock.now += 2
        assert client.get_float_value(KEY, 7.0) == percent


def test_the_event_loop_asks_too(client: OpenFeatureClient) -> None:
    async def ask() -> tuple[bool, str, int, float, object]:
        return (
            await client.get_boolean_value_async(KEY, False, EvaluationContext("x", {"roles": ["tester"]})),
            await client.get_string_value_async(KEY, ""),
            await client.get_integer_value_async(KEY, 0),
            await client.get_float_value_async(KEY, 0.0),
            await client.get_object_value_async(KEY, {}),
        )

    told = {"stage": "canary", "percent": 50.0, "modern": False}
    assert asyncio.run(ask()) == (True, "canary", 50, 50.0, told)


def test_an_unknown_route_gets_the_default(client: OpenFeatureClient) -> None:
    details = client.get_boolean_details("GET /nowhere", True)
    assert (details.value, details.error_code) == (True, ErrorCode.FLAG_NOT_FOUND)


def test_a_change_is_seen_within_a_second(client: OpenFeatureClient, store: Store, clock: Clock) -> None:
    assert client.get_string_value(KEY, "") == "canary"
    store.apply([Change(KEY, Stage.MODERN)], actor="ada", reason="why")
    assert client.get_string_value(KEY, "") == "canary"
    clock.now += 1.1
    assert client.get_string_value(KEY, "") == "modern"


def test_a_store_that_is_away_leaves_the_last_answers(client: OpenFeatureClient, store: Store, clock: Clock) -> None:
    assert client.get_string_value(KEY, "") == "canary"
    store.away = True
    clock.now += 2
    details = client.get_string_details(KEY, "")
    assert (details.value, details.reason) == ("canary", Reason.STALE)
    store.away = False
    clock.now += 2
    assert client.get_string_details(KEY, "").reason == Reason.DEFAULT


def test_before_the_first_look_there_is_no_answer(client: OpenFeatureClient, store: Store) -> None:
    store.away = True
    details = client.get_boolean_details(KEY, False)
    assert (details.value, details.error_code) == (False, ErrorCode.PROVIDER_NOT_READY)
