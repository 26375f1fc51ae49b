"""What the control took outlives the process that saw it, and no other code's durations are ever compared with."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from migration_flags import Change, Evidence, Flag, Stage, StoreUnavailable
from migration_flags.evidence import EvidenceKind
from migration_flags.stores.memory import MemoryStore
from router.observation import Observation
from router.promotion.canary import unheld
from router.promotion.unattended import is_on
from router.rollback.action import Rollback
from router.rollback.archive import AGAIN, ASKED, EVERY, Archive
from router.rollback.baseline import AGE, SOURCE, Baseline, piece, recalled
from router.rollback.guard import Guard
from router.rollback.latency import LatencyRule
from router.rollback.rules import RollbackRules
from router.row import Owner, Side

KEY = "GET /a"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
RULES = RollbackRules(latency=LatencyRule(window=10.0))


class Process:
    """A guard with what it does and remembers, over a store that outlives it."""

    def __init__(self, store: MemoryStore, version: str = "v1", keys: tuple[str, ...] = (KEY,)) -> None:
        self.now = 0.0
        self.store = store
        self.latched: list[str] = []
        self.rollback = Rollback(store, self.latched.append, store.snapshot, "worker")
        owners = dict.fromkeys(keys, Owner.BOTH)
        chance = random.Random(1).random
        self.guard = Guard(RULES, lambda: self.now, self.rollback, owners, self.flag, chance)
        self.archive = Archive(store, self.guard, store.snapshot, version, lambda: self.now)

    def flag(self, key: str) -> Flag | None:
        return self.store.snapshot().get(key)

    def ask(self, side: Side, seconds: float, number: int = 250, key: str = KEY) -> None:
        chance, flag = random.Random(self.now), self.flag(key)
        assert flag is not None
        for count in range(number):
            duration = seconds * chance.uniform(0.8, 1.2)
            unit = hash((self.now, side, count))
            self.guard.observe(
                Observation(key, "GET", side, side, 200, duration, flag.epoch, "id", flag.stage, unit_hash=unit)
            )

    def wait(self, seconds: float = EVERY) -> None:
        self.now += seconds
        self.guard.tick()
        self.archive.pulse()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def move(store: MemoryStore, stage: Stage, percent: float | None = None, key: str = KEY) -> None:
    store.apply([Change(key, stage, percent)], actor="test", reason="moves")


def told(store: MemoryStore, key: str = KEY) -> tuple[Evidence, ...]:
    return tuple(one for one in store.evidence(key, kind="canary") if one.source == SOURCE)


def measured(store: MemoryStore, version: str = "v1") -> None:
    """A process saw legacy take ten milliseconds, then the route went to modern, and the process ended."""
    move(store, Stage.CANARY, 50.0)
    process = Process(store, version)
    process.ask(Side.LEGACY, 0.01)
    process.wait()
    move(store, Stage.MODERN)


def slow_windows(process: Process, seconds: float, number: int = 3) -> None:
    for _ in range(number):
        process.ask(Side.MODERN, seconds)
        process.wait(10.0)


def test_after_a_restart_a_slow_modern_side_is_still_rolled_back(store: MemoryStore) -> None:
    measured(store)
    process = Process(store)
    process.archive.pulse()
    slow_windows(process, 0.05)
    assert process.rollback.trips == {(KEY, "latency"): 1}
    assert process.latched == [KEY]
    process.rollback.store_pending()
    flag = process.flag(KEY)
    assert flag is not None
    assert flag.latch is not None
    assert (flag.stage, flag.latch.trip) == (Stage.SHADOW, "latency")


def test_after_a_restart_a_modern_side_that_is_as_quick_stays(store: MemoryStore) -> None:
    measured(store)
    process = Process(store)
    process.archive.pulse()
    slow_windows(process, 0.01, number=6)
    assert process.rollback.trips == {}


def test_a_baseline_of_other_code_is_not_used(store: MemoryStore) -> None:
    measured(store, version="v0")
    process = Process(store, "v1")
    process.archive.pulse()
    slow_windows(process, 0.05, number=6)
    assert process.rollback.trips == {}
    assert process.guard.lacks(KEY)


def test_what_was_recalled_before_the_first_request_is_not_lost(store: MemoryStore) -> None:
    measured(store)
    process = Process(store)
    process.archive.pulse()
    assert not process.guard.lacks(KEY)
    process.ask(Side.MODERN, 0.01, number=1)
    assert not process.guard.lacks(KEY)


def test_the_worker_that_saw_no_legacy_traffic_gets_it_from_the_one_that_did(store: MemoryStore) -> None:
    move(store, Stage.CANARY, 50.0)
    seeing, blind = Process(store), Process(store)
    seeing.ask(Side.LEGACY, 0.01)
    blind.ask(Side.MODERN, 0.01, number=5)
    move(store, Stage.MODERN)
    blind.wait()
    assert blind.guard.lacks(KEY)
    seeing.ask(Side.MODERN, 0.01, number=1)  # the flag is known to have moved only by a request
    seeing.wait()
    blind.wait()
    assert not blind.guard.lacks(KEY)
    slow_windows(blind, 0.05)
    assert blind.rollback.trips == {(KEY, "latency"): 1}


def test_at_canary_it_is_written_now_and_then_and_takes_one_place(store: MemoryStore) -> None:
    move(store, Stage.CANARY, 50.0)
    process = Process(store)
    process.ask(Side.LEGACY, 0.01, number=199)
    process.wait()
    assert told(store) == ()
    for seconds in (0.01, 0.02):
        process.ask(Side.LEGACY, seconds)
        process.wait(EVERY)
    first = told(store)
    assert len(first) == 1
    process.ask(Side.LEGACY, 0.02)
    process.wait(AGAIN - EVERY)
    second = told(store)
    assert len(second) == 1
    assert second[0].summary != first[0].summary


def test_at_modern_it_is_written_once(store: MemoryStore) -> None:
    move(store, Stage.CANARY, 50.0)
    process = Process(store)
    process.ask(Side.LEGACY, 0.01)
    move(store, Stage.MODERN)
    process.ask(Side.MODERN, 0.01, number=1)
    process.wait()
    first = told(store)
    assert len(first) == 1
    process.wait(2 * AGAIN)
    assert told(store) == first


def test_what_was_recalled_is_not_written_again(store: MemoryStore) -> None:
    measured(store)
    first = told(store)
    process = Process(store)
    process.archive.pulse()
    process.ask(Side.MODERN, 0.01)
    process.wait(2 * AGAIN)
    assert told(store) == first


def test_rounds_are_rare(store: MemoryStore) -> None:
    move(store, Stage.CANARY, 50.0)
    process = Process(store)
    process.archive.pulse()
    process.ask(Side.LEGACY, 0.01)
    process.wait(EVERY - 0.1)
    assert told(store) == ()
    process.wait(0.1)
    assert len(told(store)) == 1


class Counting(MemoryStore):
    """Counts readings of evidence; ``down``: can't be reached."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.down = False

    def evidence(self, key: str, *, kind: EvidenceKind | None = None, limit: int | None = None) -> tuple[Evidence, ...]:
        if self.down:
            raise StoreUnavailable("the store", "it is down")
        self.asked.append(key)
        return super().evidence(key, kind=kind, limit=limit)


def test_a_store_is_asked_ever_more_rarely_for_what_it_does_not_have() -> None:
    store = Counting()
    move(store, Stage.MODERN)
    process = Process(store)
    process.archive.pulse()
    asked = []
    for number in range(2, 17):
        before = len(store.asked)
        process.wait()
        if len(store.asked) > before:
            asked.append(number)
    assert asked == [2, 4, 8, 16]


def test_many_routes_are_asked_for_in_several_rounds() -> None:
    store = Counting()
    keys = tuple(f"GET /{number}" for number in range(ASKED + 5))
    store.apply([Change(key, Stage.MODERN) for key in keys], actor="test", reason="all")
    process = Process(store, keys=keys)
    process.archive.pulse()
    assert len(store.asked) == ASKED
    process.wait()
    process.wait()
    assert set(store.asked) == set(keys)


def test_nobody_asks_for_routes_of_one_owner_or_at_other_stages() -> None:
    store = Counting()
    move(store, Stage.CANARY, 5.0)
    move(store, Stage.MODERN, key="GET /only-modern")
    process = Process(store)
    process.archive.pulse()
    assert store.asked == []


def test_a_store_that_is_down_is_asked_again() -> None:
    store = Counting()
    measured(store)
    process = Process(store)
    store.down = True
    process.archive.pulse()
    store.down = False
    for _ in range(2):
        process.wait()
    assert not process.guard.lacks(KEY)


def kept(at: datetime = NOW, version: str = "v1", durations: tuple[float, ...] = (0.5,)) -> Evidence:
    return piece(KEY, Baseline(3, durations), version, at)


def test_the_newest_piece_about_this_code_counts() -> None:
    pieces = [kept(NOW - timedelta(hours=1)), kept(durations=(0.25,)), kept(version="v2", durations=(9.0,))]
    assert recalled(pieces, "v1", NOW) == (0.25,)
    assert recalled(reversed(pieces), "v1", NOW) == (0.25,)
    assert recalled(pieces, "v3", NOW) == ()


def test_old_ones_and_what_cannot_be_read_do_not_count() -> None:
    assert recalled([kept(NOW - AGE)], "v1", NOW) == (0.5,)
    assert recalled([kept(NOW - AGE - timedelta(seconds=1))], "v1", NOW) == ()
    for broken in (replace(kept(), at="yesterday"), replace(kept(), source=""), replace(kept(), summary={})):
        assert recalled([broken], "v1", NOW) == ()


@pytest.mark.parametrize(
    ("told", "durations"),
    [("x", ()), ([1, "x", None, float("nan"), float("inf"), -1.0, 0, 0.25], (1.0, 0.0, 0.25)), ({}, ())],
)
def test_nonsense_in_a_piece_harms_nobody(told: object, durations: tuple[float, ...]) -> None:
    summary = {"version": "v1", "legacy_seconds": told}
    assert recalled([replace(kept(), summary=summary)], "v1", NOW) == durations  # type: ignore[arg-type]  # nonsense


def test_a_baseline_is_short_and_means_nothing_to_the_gates() -> None:
    one = kept(durations=(0.0123456789, 1.0))
    assert one.summary == {"version": "v1", "legacy_seconds": [0.01235, 1.0]}
    assert (one.key, one.kind, one.epoch, one.source) == (KEY, "canary", 3, SOURCE)
    assert not is_on([one])
    assert list(unheld(Flag(KEY, Stage.CANARY, 5.0, epoch=3), [one])) == []
