"""A worker that can't reach the flag store: what was sure stays, what was an experiment ends, trips still count."""

import os
from collections.abc import Mapping

import pytest
from prometheus_client import CollectorRegistry

from migration_flags import JSON, Change, Flag, Stage, StoreUnavailable, Worker
from migration_flags.stores.memory import MemoryStore
from router import Route
from router.derive import derive_table
from router.heart import BEAT, Heart
from router.partition import OUT_OF_REACH, is_frozen, withdrawn
from router.refresher import Refresher
from router.row import Side
from tests.router.rig import Rig, running

SMALL, HALF, SURE = "GET /small", "GET /half", "GET /sure"


class Cut(MemoryStore):
    """A store behind a line that can be cut."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = False

    def epoch(self) -> int:
        self._reach()
        return super().epoch()

    def beat(self, worker: Worker) -> None:
        self._reach()
        super().beat(worker)

    def _reach(self) -> None:
        if self.cut:
            raise StoreUnavailable("db", "gone")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def wsgi(environ: object, start_response: object) -> list[bytes]:
    return []


async def asgi(scope: object, receive: object, send: object) -> None: ...


TABLE = derive_table(wsgi, asgi, [Route(SMALL), Route(HALF), Route(SURE)])


@pytest.fixture
def store() -> Cut:
    store = Cut()
    changes = [
        Change(SMALL, Stage.CANARY, 49.999),
        Change(HALF, Stage.CANARY, 50.0),
        Change(SURE, Stage.MODERN),
    ]
    store.apply(changes, actor="test", reason="test")
    return store


def reasons(refresher: Refresher) -> dict[str, str]:
    return {row.key: one.decision.reason for row, one in refresher.picture.prospects.items() if not row.unmatched}


@pytest.mark.parametrize(
    ("silence", "frozen", "gone"), [(0, False, set()), (30, False, set()), (31, True, set()), (601, True, {SMALL})]
)
def test_silence_first_freezes_and_then_withdraws(silence: float, frozen: bool, gone: set[str]) -> None:
    flags = [Flag(SMALL, Stage.CANARY, 10.0), Flag(HALF, Stage.CANARY, 50.0), Flag(SURE, Stage.MODERN)]
    assert is_frozen(silence) is frozen
    assert withdrawn(flags, silence) == gone


def test_after_ten_minutes_a_small_canary_goes_to_legacy_and_comes_back_with_the_store(store: Cut) -> None:
    clock = Clock()
    refresher = Refresher(store, TABLE, 60, clock=clock)
    refresher.refresh()
    before = reasons(refresher)
    store.cut = True
    for seconds, frozen, small in ((29, False, "no unit"), (2, True, "no unit"), (570, True, OUT_OF_REACH)):
        clock.now += seconds
        refresher.refresh()
        assert (refresher.is_frozen, reasons(refresher)[SMALL]) == (frozen, small)
    assert (reasons(refresher)[HALF], reasons(refresher)[SURE]) == ("no unit", "flag")
    store.cut = False
    refresher.refresh()
    assert (refresher.is_frozen, reasons(refresher)) == (False, before)


def test_a_trip_counts_while_the_store_is_gone_and_outlives_the_silence(store: Cut) -> None:
    clock = Clock()
    refresher = Refresher(store, TABLE, 60, clock=clock)
    refresher.refresh()
    store.cut = True
    refresher.latch(SURE)
    assert refresher.picture.prospects[TABLE[SURE]].decision.side is Side.LEGACY
    clock.now += 700
    refresher.refresh()
    assert (reasons(refresher)[SMALL], reasons(refresher)[SURE]) == (OUT_OF_REACH, "latch")
    store.cut = False
    refresher.refresh()
    assert (reasons(refresher)[SMALL], reasons(refresher)[SURE]) == ("no unit", "latch")


def test_a_beat_tells_the_epoch_and_the_facts_every_two_seconds(store: Cut) -> None:
    clock, facts = Clock(), dict[str, JSON]()

    def told() -> Mapping[str, JSON]:
        return facts

    heart = Heart(store, told, clock=clock)
    assert heart.beat(1)
    (first,) = store.workers()
    assert (first.id, first.epoch, dict(first.facts)) == (heart.id, 1, {})
    facts["rollback"] = {"GET /a": 1}
    clock.now += BEAT / 2
    assert not heart.beat(2)
    clock.now += BEAT / 2
    assert heart.beat(2)
    (second,) = store.workers()
    assert (second.epoch, second.facts["rollback"]) == (2, {"GET /a": 1})


def test_a_beat_that_does_not_arrive_hurts_nobody(store: Cut) -> None:
    clock = Clock()
    heart = Heart(store, clock=clock)
    store.cut = True
    assert not heart.beat(1)
    store.cut = False
    clock.now += BEAT
    assert heart.beat(1)


def test_facts_that_are_too_long_are_left_out(store: Cut) -> None:
    heart = Heart(store, lambda: {"much": "x" * 200_000})
    assert heart.beat(1)
    (worker,) = store.workers()
    assert dict(worker.facts) == {}


@pytest.mark.anyio
async def test_prometheus_reads_how_far_everything_is() -> None:
    registry = CollectorRegistry()
    rig = Rig(MemoryStore(), registry=registry)
    one, other = "GET /api/videos/{id}", "GET /api/videos"
    rig.set(one, Stage.CANARY, 12.5)
    rig.set(other, Stage.MODERN)
    async with running(rig.router):
        await rig.ask("GET", "/api/videos/3", headers={"x-strangler-side": "modern"})

        def value(name: str, **labels: str) -> float | None:
            return registry.get_sample_value(f"strangler_{name}", labels)

        assert (value("rollout_percent", route=one), value("rollout_percent", route=other)) == (12.5, 100)
        assert value("rollout_percent", route="POST /api/videos") == 0
        assert (value("routes", stage="canary"), value("routes", stage="modern")) == (1, 1)
        assert value("overrides_total", result="refused") == 1
        assert (value("identity_flips_total"), value("streams", worker=str(os.getpid()))) == (0, 0)
        rig.router._refresher.latch(other)
        assert value("rollout_percent", route=other) == 0
