"""A trip reaches the store whatever is in its way, a person's decision stands, and the second attempt is made once."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from migration_flags import JSON, AuditRow, Change, Flag, Latch, Stage, StoreUnavailable
from migration_flags.stores.memory import MemoryStore
from router.rollback.action import ACTOR, Rollback
from router.rollback.answer import reason, stage_behind, told
from router.rollback.probe import ProbeRule, due, probe_at
from router.rollback.trip import Trip, TripKind
from tests.router.serving import wait

KEY = "GET /a"
START = datetime(2026, 1, 1, tzinfo=UTC)
EVIDENCE: dict[str, JSON] = {"modern": {"requests": 5, "faults": 5}, "e_value": 104.2}


class Store(MemoryStore):
    """A store with a clock of its own, that is down while ``down``, and in which others act ``before`` a write."""

    def __init__(self) -> None:
        self.time = START
        super().__init__(lambda: self.time)
        self.down = False
        self.before: list[Callable[[], object]] = []
        self.attempts = 0

    def snapshot(self) -> Any:
        self.attempts += 1
        if self.down:
            raise StoreUnavailable("memory", "it is down")
        return super().snapshot()

    def apply(self, changes: Sequence[Change], **fields: Any) -> tuple[AuditRow, ...]:
        if self.before:
            self.before.pop()()
        return super().apply(changes, **fields)

    def move(self, stage: Stage, percent: float | None = None, key: str = KEY) -> None:
        MemoryStore.apply(self, [Change(key, stage, percent)], actor="ada", reason="as she likes")

    def flag(self, key: str = KEY) -> Flag:
        flag = super().snapshot().get(key)
        assert flag is not None
        return flag


class Rig:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.latched: list[str] = []
        self.rollback = Rollback(
            store, self.latched.append, lambda: MemoryStore.snapshot(store), "w1", jitter=lambda: 0.0
        )

    def trip(self, kind: TripKind = TripKind.BURST, key: str = KEY) -> Trip:
        flag = self.store.flag(key)
        trip = Trip(key, kind, EVIDENCE, flag.stage, flag.epoch)
        self.rollback(trip)
        return trip


@pytest.fixture
def rig() -> Rig:
    store = Store()
    store.move(Stage.CANARY, 25.0)
    return Rig(store)


def test_the_worker_that_saw_it_goes_back_at_once(rig: Rig) -> None:
    rig.store.down = True
    rig.trip()
    assert rig.latched == [KEY]
    assert rig.rollback.pending == 1


def test_a_trip_is_stored_with_its_latch_and_evidence(rig: Rig) -> None:
    rig.trip()
    assert rig.rollback.store_pending() is True
    flag = rig.store.flag()
    assert (flag.stage, flag.percent, flag.updated_by) == (Stage.SHADOW, None, ACTOR)
    assert flag.latch is not None
    assert (flag.latch.trip, flag.latch.stage, flag.latch.percent) == ("burst", Stage.CANARY, 25.0)
    assert flag.latch.at == START.isoformat()
    assert flag.latch.probe_at == (START + timedelta(minutes=5)).isoformat()
    assert flag.latch.evidence["modern"] == {"requests": 5, "faults": 5}
    row = rig.store.history(KEY)[0]
    assert "faults in a row" in row.reason
    assert row.evidence is not None
    assert row.evidence["worker"] == "w1"
    assert [piece.kind for piece in rig.store.evidence(KEY)] == ["rollback"]
    assert rig.rollback.pending == 0


def test_routes_that_can_not_be_mirrored_go_back_to_legacy() -> None:
    assert [stage_behind(f"{method} /a") for method in ("GET", "HEAD", "POST", "OPTIONS", "*")] == [
        *(Stage.SHADOW, Stage.SHADOW),
        *(Stage.LEGACY, Stage.LEGACY, Stage.LEGACY),
    ]


def test_a_route_at_modern_goes_back_from_there(rig: Rig) -> None:
    rig.store.move(Stage.MODERN)
    rig.trip(TripKind.RATE)
    rig.rollback.store_pending()
    latch = rig.store.flag().latch
    assert latch is not None
    assert (latch.stage, latch.percent, latch.trip) == (Stage.MODERN, None, "rate")


def test_a_store_that_is_down_is_asked_until_it_is_back(rig: Rig) -> None:
    rig.store.down = True
    rig.rollback.start()
    try:
        rig.trip()
        wait(lambda: rig.store.attempts >= 3)
        assert rig.store.flag().stage is Stage.CANARY
        rig.store.down = False
        wait(lambda: rig.rollback.pending == 0)
        assert rig.store.flag().stage is Stage.SHADOW
    finally:
        rig.rollback.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "strangler-rollback"]


def test_what_is_pending_at_the_end_is_tried_once_more(rig: Rig) -> None:
    rig.rollback.start()
    rig.trip()
    rig.rollback.stop()
    assert rig.store.flag().stage is Stage.SHADOW


def test_a_person_who_was_quicker_stands(rig: Rig) -> None:
    trip = rig.trip()
    rig.store.move(Stage.MODERN)
    assert rig.rollback.store_pending() is True
    assert rig.store.flag().stage is Stage.MODERN
    assert trip.epoch < rig.store.flag().epoch
    assert rig.store.evidence(KEY) == ()


def test_a_person_who_comes_in_between_stands_too(rig: Rig) -> None:
    rig.trip()
    rig.store.before = [lambda: rig.store.move(Stage.CANARY, 1.0)]
    rig.rollback.store_pending()
    flag = rig.store.flag()
    assert (flag.stage, flag.percent, flag.updated_by) == (Stage.CANARY, 1.0, "ada")


def test_a_change_of_another_route_in_between_delays_nothing(rig: Rig) -> None:
    rig.trip()
    rig.store.before = [lambda: rig.store.move(Stage.SHADOW, key="GET /b")]
    rig.rollback.store_pending()
    assert rig.store.flag().stage is Stage.SHADOW


def test_two_workers_that_trip_together_write_one_rollback(rig: Rig) -> None:
    other = Rig(rig.store)
    rig.trip()
    other.trip()
    rig.rollback.store_pending()
    other.rollback.store_pending()
    assert len(rig.store.history(KEY)) == 2
    assert len(rig.store.evidence(KEY, kind="rollback")) == 1
    latch = rig.store.flag().latch
    assert latch is not None
    assert latch.probe_at is not None


def test_a_hold_changes_no_flag_and_is_kept(rig: Rig) -> None:
    rig.trip(TripKind.CONTRACT)
    rig.rollback.store_pending()
    assert rig.latched == []
    assert rig.store.flag().stage is Stage.CANARY
    (piece,) = rig.store.evidence(KEY)
    assert (piece.kind, piece.summary["held"], piece.epoch) == ("canary", True, rig.store.flag().epoch)


def test_routes_that_need_a_route_go_back_with_it(rig: Rig) -> None:
    needs = Change("GET /b", Stage.CANARY, 5.0, requires=(KEY,))
    MemoryStore.apply(rig.store, [needs], actor="ada", reason="one journey")
    rig.trip()
    rig.rollback.store_pending()
    assert rig.store.flag("GET /b").stage.rank < Stage.CANARY.rank
    assert rig.store.flag("GET /b").epoch == rig.store.flag().epoch


def latched(rig: Rig) -> None:
    rig.trip()
    rig.rollback.store_pending()


def test_it_is_tried_again_once_a_step_below(rig: Rig) -> None:
    latched(rig)
    rig.store.time = START + timedelta(minutes=4, seconds=59)
    rig.rollback.probe()
    assert rig.store.flag().stage is Stage.SHADOW
    rig.store.time = START + timedelta(minutes=5)
    rig.rollback.probe()
    flag = rig.store.flag()
    assert (flag.stage, flag.percent, flag.latch, flag.updated_by) == (Stage.CANARY, 10.0, None, ACTOR)


def test_the_second_trip_within_a_day_waits_for_a_person(rig: Rig) -> None:
    latched(rig)
    rig.store.time = START + timedelta(minutes=5)
    rig.rollback.probe()
    rig.store.time = START + timedelta(hours=23)
    latched(rig)
    latch = rig.store.flag().latch
    assert latch is not None
    assert latch.probe_at is None
    rig.store.time = START + timedelta(days=9)
    rig.rollback.probe()
    assert rig.store.flag().latch is not None


def test_a_trip_a_day_later_is_tried_again(rig: Rig) -> None:
    latched(rig)
    rig.store.time = START + timedelta(hours=25)
    rig.rollback.probe()
    latched(rig)
    latch = rig.store.flag().latch
    assert latch is not None
    assert latch.probe_at is not None


def test_only_one_of_several_workers_tries_again(rig: Rig) -> None:
    latched(rig)
    rig.store.time = START + timedelta(minutes=5)
    old = MemoryStore.snapshot(rig.store)
    rig.rollback.probe()
    epoch = rig.store.flag().epoch
    latched(rig)  # it tripped again at once
    late = Rollback(rig.store, lambda _: None, lambda: old, "w2")
    late.probe()
    assert rig.store.flag().latch is not None
    assert rig.store.flag().epoch == epoch + 1


def test_nothing_is_tried_while_the_kill_switch_is_on(rig: Rig) -> None:
    latched(rig)
    rig.store.kill(True, actor="ada", reason="all back")
    rig.store.time = START + timedelta(hours=1)
    rig.rollback.probe()
    assert rig.store.flag().latch is not None


def test_an_attempt_that_is_refused_is_not_made_every_second(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    needs = Change(KEY, Stage.CANARY, 5.0, requires=("GET /b",))
    rig.store.move(Stage.CANARY, 5.0, key="GET /b")
    MemoryStore.apply(rig.store, [needs], actor="ada", reason="one journey")
    latched(rig)
    rig.store.move(Stage.LEGACY, key="GET /b")
    rig.store.time = START + timedelta(hours=1)
    rig.rollback.probe()
    rig.rollback.probe()
    assert caplog.text.count("can't be tried again") == 1
    assert rig.store.flag().latch is not None


def test_trips_are_counted(rig: Rig) -> None:
    rig.trip()
    rig.trip(TripKind.CONTRACT)
    assert rig.rollback.trips == {(KEY, "burst"): 1, (KEY, "contract"): 1}


@pytest.mark.parametrize(
    ("stage", "percent", "expected"),
    [
        (Stage.MODERN, None, 50.0),
        (Stage.CANARY, 50.0, 25.0),
        (Stage.CANARY, 30.0, 25.0),
        (Stage.CANARY, 5.0, 1.0),
        (Stage.CANARY, 1.0, 1.0),
        (Stage.CANARY, 0.5, 0.5),
        (Stage.CANARY, 0.0, 0.0),
        (Stage.CANARY, None, 0.0),
    ],
)
def test_the_attempt_never_goes_beyond_what_tripped(stage: Stage, percent: float | None, expected: float) -> None:
    latch = Latch("burst", START.isoformat(), stage, percent, START.isoformat())
    change = due(Flag(KEY, Stage.SHADOW, latch=latch), START)
    assert change is not None
    assert (change.stage, change.percent) == (Stage.CANARY, expected)


def test_without_a_latch_or_a_time_nothing_is_due() -> None:
    assert due(Flag(KEY, Stage.SHADOW), START) is None
    assert due(Flag(KEY, Stage.SHADOW, latch=Latch("burst", START.isoformat(), Stage.CANARY, 5.0)), START) is None


@pytest.mark.parametrize(("hours", "again"), [(0.1, False), (23.9, False), (24.0, True), (48.0, True)])
def test_a_trip_is_remembered_for_a_day(hours: float, again: bool) -> None:
    earlier = [START - timedelta(hours=hours)]
    assert (probe_at(START, earlier, ProbeRule()) is not None) is again


def test_a_trip_from_the_future_of_a_skewed_clock_is_not_an_earlier_one() -> None:
    assert probe_at(START, [START + timedelta(hours=1)], ProbeRule()) == START + timedelta(minutes=5)


def test_a_trip_at_the_same_moment_is_not_an_earlier_one() -> None:
    assert probe_at(START, [START], ProbeRule()) == START + timedelta(minutes=5)


def test_what_is_written_says_what_tripped_where() -> None:
    trip = Trip(KEY, TripKind.RATE, EVIDENCE, Stage.MODERN, 1)
    assert told(trip, "w1") == {"trip": "rate", "worker": "w1", **EVIDENCE}
    assert reason(trip, Flag(KEY, Stage.MODERN)) == "Rolled back from modern: too many faults within a minute."
    assert (
        reason(trip, Flag(KEY, Stage.CANARY, 2.5)) == "Rolled back from canary 2.5 %: too many faults within a minute."
    )
