"""Stages that a provider elsewhere names: what it says counts once, and never against a latch or a later decision."""

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.event import ProviderEventDetails
from openfeature.provider import AbstractProvider
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from migration_flags import Change, ChangeRefused, Latch, Snapshot, Stage, StoreUnavailable
from migration_flags.document import DocumentInvalid
from migration_flags.stores.memory import MemoryStore
from migration_flags.stores.openfeature import OpenFeatureStore
from migration_flags.told import change_told

A, B, C = "GET /a", "GET /b", "GET /c"
ACTOR = "openfeature:In-Memory Provider"
LATCH = Latch("burst", "2026-03-01T12:00:00+00:00", Stage.CANARY, 5.0)


class Provider(InMemoryProvider):
    """The SDK's own, whose flags can be changed, and which can be away."""

    away = False

    def says(self, flags: Mapping[str, Any]) -> None:
        self._flags = {key: InMemoryFlag("on", {"on": value}) for key, value in flags.items()}
        self.emit_provider_configuration_changed(ProviderEventDetails())

    def _resolve(self, flag_key: str, default_value: Any, evaluation_context: Any) -> Any:
        if self.away:
            raise ConnectionError("secret address")
        return super()._resolve(flag_key, default_value, evaluation_context)


def client_of(provider: AbstractProvider) -> OpenFeatureClient:
    domain = uuid.uuid4().hex
    api.set_provider_and_wait(provider, domain)
    return api.get_client(domain)


@pytest.fixture(autouse=True)
def no_providers() -> Iterator[None]:
    yield
    api.clear_providers()


@pytest.fixture
def provider() -> Provider:
    return Provider({})


@pytest.fixture
def inner() -> MemoryStore:
    store = MemoryStore()
    store.seed([A, B, C], Stage.LEGACY, actor="boot", reason="new")
    return store


@pytest.fixture
def store(inner: MemoryStore, provider: Provider) -> Iterator[OpenFeatureStore]:
    made = OpenFeatureStore(inner, client_of(provider), poll=60)
    yield made
    made.close()


def stage(store: OpenFeatureStore | MemoryStore, key: str) -> tuple[Stage, float | None]:
    flag = store.snapshot().get(key)
    assert flag is not None
    return flag.stage, flag.percent


def until(condition: Callable[[], bool], within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.005)


def test_what_the_provider_says_is_written_and_signed(store: OpenFeatureStore, provider: Provider) -> None:
    provider.says({A: "modern", B: {"stage": "canary", "percent": 5, "group": "journey"}, "GET /unknown": "modern"})
    rows = store.look()
    assert {row.key: (row.actor, row.after_stage, row.after_percent) for row in rows} == {
        A: (ACTOR, "modern", None),
        B: (ACTOR, "canary", 5.0),
    }
    assert rows[0].reason == 'In-Memory Provider says "modern"'
    assert store.trouble == {}
    assert (stage(store, A), stage(store, C)) == ((Stage.MODERN, None), (Stage.LEGACY, None))
    flag = store.snapshot().get(B)
    assert flag is not None
    assert flag.group == "journey"
    assert store.look() == ()


def test_routes_without_a_flag_are_asked_for_where_they_are_named(inner: MemoryStore, provider: Provider) -> None:
    store = OpenFeatureStore(inner, client_of(provider), keys=lambda: ["GET /new"])
    provider.says({"GET /new": "shadow"})
    assert [row.key for row in store.look()] == ["GET /new"]


def test_providers_that_take_no_slashes_get_names_of_their_own(inner: MemoryStore, provider: Provider) -> None:
    store = OpenFeatureStore(inner, client_of(provider), named=lambda key: key.lower().replace(" /", "-"))
    provider.says({"get-a": "modern"})
    assert [row.key for row in store.look()] == [A]


def test_a_latch_wins_until_a_person_lifts_it(store: OpenFeatureStore, provider: Provider) -> None:
    provider.says({A: "canary:5"})
    store.look()
    store.apply([Change(A, Stage.LEGACY, latch=LATCH)], actor="router", reason="burst")
    provider.says({A: "modern"})
    assert store.look() == ()
    assert stage(store, A) == (Stage.LEGACY, None)
    store.apply([Change(A, Stage.LEGACY)], actor="ada", reason="mended")
    assert [row.after_stage for row in store.look()] == ["modern"]


def test_what_was_said_before_does_not_undo_what_was_decided_since(
    inner: MemoryStore, store: OpenFeatureStore, provider: Provider
) -> None:
    """Also not after a restart, and not by another worker that comes late."""
    provider.says({A: "modern"})
    store.look()
    store.apply([Change(A, Stage.LEGACY)], actor="ada", reason="something smells")
    assert store.look() == ()
    assert OpenFeatureStore(inner, client_of(provider)).look() == ()
    provider.says({A: "canary:1"})
    assert [row.after_percent for row in store.look()] == [1.0]


def test_workers_that_hear_the_same_write_it_once(inner: MemoryStore, provider: Provider) -> None:
    client = client_of(provider)
    provider.says({A: "modern", B: "modern", C: "shadow"})
    stores = [OpenFeatureStore(inner, client) for _ in range(4)]
    threads = [threading.Thread(target=store.look) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for store in stores:
        store.look()
    assert len([row for row in inner.history() if row.actor == ACTOR]) == 3


class Racing(MemoryStore):
    """Rolls a route back between the look at the flags and the writing."""

    race = False

    def snapshot(self) -> Snapshot:
        found = super().snapshot()
        if self.race:
            self.race = False
            self.apply([Change(A, Stage.LEGACY, latch=LATCH)], actor="router", reason="burst")
        return found


def test_a_rollback_that_comes_between_is_not_overruled(provider: Provider) -> None:
    inner = Racing()
    inner.seed([A], Stage.LEGACY, actor="boot", reason="new")
    store = OpenFeatureStore(inner, client_of(provider))
    provider.says({A: "modern"})
    inner.race = True
    assert store.look() == ()
    assert store.look() == ()
    flag = inner.snapshot().get(A)
    assert flag is not None
    assert flag.latch == LATCH


@pytest.mark.parametrize(
    "nonsense",
    [
        "fast",
        "retired",
        "canary",
        "canary:many",
        {"stage": "canary", "percent": 500},
        {"stage": "modern", "percent": 5},
        {"percent": 5},
        {"stage": "modern", "colour": "red"},
        {"stage": "shadow", "latch": None},
        ["modern"],
    ],
)
def test_nonsense_changes_nothing_and_is_told(
    store: OpenFeatureStore, provider: Provider, nonsense: object, caplog: pytest.LogCaptureFixture
) -> None:
    provider.says({A: nonsense, B: "modern"})
    with caplog.at_level(logging.INFO):
        assert [row.key for row in store.look()] == [B]
        assert set(store.trouble) == {A}
        store.look()
        assert [record.levelname for record in caplog.records] == ["ERROR"]
        provider.says({A: "shadow"})
        store.look()
    assert store.trouble == {}
    assert caplog.records[-1].levelname == "INFO"


@pytest.mark.parametrize("value", [True, 3, None, {"stage": 3}, {"stage": "canary", "percent": True}])
def test_a_value_is_a_stage_or_it_is_refused(value: object) -> None:
    with pytest.raises(DocumentInvalid):
        change_told(A, value)


def test_a_refused_route_does_not_hold_up_the_others(store: OpenFeatureStore, provider: Provider) -> None:
    needy = {"stage": "modern", "requires": [C]}
    provider.says({A: needy, B: "modern"})
    assert [row.key for row in store.look()] == [B]
    assert "requires GET /c" in store.trouble[A]
    provider.says({A: needy, C: "modern"})
    store.look()
    store.look()
    assert stage(store, A) == (Stage.MODERN, None)
    assert store.trouble == {}


def test_a_provider_that_is_away_leaves_the_last_known_good(store: OpenFeatureStore, provider: Provider) -> None:
    provider.says({A: "modern"})
    store.look()
    provider.away = True
    assert store.look() == ()
    assert stage(store, A) == (Stage.MODERN, None)
    assert set(store.trouble) == {A, B, C}
    assert "secret" not in str(store.trouble)
    provider.away = False
    store.look()
    assert store.trouble == {}


def test_a_provider_that_nobody_set_says_nothing(inner: MemoryStore) -> None:
    store = OpenFeatureStore(inner, api.get_client("nobody"))
    assert (store.look(), store.trouble) == ((), {})


def test_news_arrive_by_event(store: OpenFeatureStore, inner: MemoryStore, provider: Provider) -> None:
    store.epoch()
    provider.says({A: "modern"})
    until(lambda: stage(inner, A) == (Stage.MODERN, None))
    store.close()
    assert "strangler-openfeature" not in {thread.name for thread in threading.enumerate()}
    provider.says({A: "legacy"})
    assert store.epoch() == inner.epoch(), "a closed store may be used again"
    until(lambda: stage(inner, A) == (Stage.LEGACY, None))


def test_the_first_reader_gets_what_the_provider_says(store: OpenFeatureStore, provider: Provider) -> None:
    provider.says({A: "modern"})
    store.epoch()
    assert stage(store, A) == (Stage.MODERN, None)


class Gone(MemoryStore):
    def snapshot(self) -> Snapshot:
        raise StoreUnavailable("memory", "test")


def test_an_inner_store_that_is_away_is_told_and_does_not_end_the_thread(provider: Provider) -> None:
    store = OpenFeatureStore(Gone(), client_of(provider), poll=0.01)
    try:
        store.epoch()
        until(lambda: "" in store.trouble)
        assert any(thread.name == "strangler-openfeature" for thread in threading.enumerate())
    finally:
        store.close()


class Hanging(Provider):
    def __init__(self) -> None:
        super().__init__({})
        self.go_on = threading.Event()

    def _resolve(self, flag_key: str, default_value: Any, evaluation_context: Any) -> Any:
        self.go_on.wait(20)
        return super()._resolve(flag_key, default_value, evaluation_context)


def test_a_provider_that_hangs_holds_up_neither_readers_nor_the_end(
    inner: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migration_flags.stores.openfeature.FIRST_WITHIN", 0.05)
    monkeypatch.setattr("migration_flags.stores.openfeature.STOP_WITHIN", 0.05)
    provider = Hanging()
    store = OpenFeatureStore(inner, client_of(provider))
    provider.says({A: "modern"})
    try:
        began = time.monotonic()
        for _ in range(3):
            store.epoch()
        store.close()
        assert time.monotonic() - began < 5
    finally:
        provider.go_on.set()
    until(lambda: all(thread.name != "strangler-openfeature" for thread in threading.enumerate()))
    assert stage(inner, A) == (Stage.LEGACY, None), "who was told to stop writes no more"


def test_people_may_decide_as_before(store: OpenFeatureStore) -> None:
    store.kill(True, actor="ada", reason="fire")
    assert store.snapshot().killed
    with pytest.raises(ChangeRefused):
        store.apply([Change(A, Stage.CANARY)], actor="ada", reason="no percentage")


def test_flagd_reads_stages_from_its_file(inner: MemoryStore, tmp_path: Path) -> None:
    file = tmp_path / "flags.json"

    def flag(value: object) -> dict[str, object]:
        return {"state": "ENABLED", "variants": {"on": value}, "defaultVariant": "on"}

    by_route = {**flag("legacy"), "targeting": {"if": [{"==": [{"var": "route"}, C]}, "moved", "on"]}}
    by_route["variants"] = {"on": "legacy", "moved": "shadow"}
    file.write_text(json.dumps({"flags": {A: flag("modern"), B: flag({"stage": "canary", "percent": 5}), C: by_route}}))
    provider = FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=str(file))
    store = OpenFeatureStore(inner, client_of(provider))
    store.look()
    assert [stage(store, key) for key in (A, B, C)] == [
        (Stage.MODERN, None),
        (Stage.CANARY, 5.0),
        (Stage.SHADOW, None),
    ]
    assert store.trouble == {}
    assert store.actor == "openfeature:FlagdProvider"
