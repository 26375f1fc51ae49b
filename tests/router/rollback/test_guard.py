"""The guard tells each trip once, of the right flag, and forgets what belongs to another."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from migration_flags import Flag, Latch, Stage, Worker
from router.observation import CLIENT_LEFT, Observation
from router.rollback.facts import NAME, read
from router.rollback.guard import FACTS_LENGTH, Guard
from router.rollback.latency import LatencyRule
from router.rollback.rules import RollbackRules
from router.rollback.trip import Trip, TripKind
from router.row import Owner, Side

KEY = "GET /a"


class Rig:
    """A guard of one route, its flag, its clock, and what it told."""

    def __init__(self, stage: Stage = Stage.CANARY, rules: RollbackRules | None = None) -> None:
        self.now = 0.0
        self.told: list[Trip] = []
        self.flag: Flag | None = Flag(KEY, stage, 5.0 if stage is Stage.CANARY else None, epoch=3)
        owners = {KEY: Owner.BOTH, "GET /legacy": Owner.LEGACY}
        chance = random.Random(1).random
        self.guard = Guard(
            rules or RollbackRules(), lambda: self.now, self.told.append, owners, lambda _: self.flag, chance
        )

    def ask(self, side: Side = Side.MODERN, number: int = 1, **fields: Any) -> None:
        for count in range(number):
            unit = hash((self.now, side, count))
            self.guard.observe(observation(side, **{"unit_hash": unit, **fields}))

    @property
    def kinds(self) -> list[TripKind]:
        return [trip.kind for trip in self.told]


def observation(side: Side = Side.MODERN, **fields: Any) -> Observation:
    told = {"key": KEY, "method": "GET", "side": side, "served_by": side, "status": 200, "duration": 0.01, "epoch": 3}
    return Observation(**{**told, "request_id": "id", "stage": Stage.CANARY, **fields})


@pytest.fixture
def rig() -> Rig:
    return Rig()


def fail(rig: Rig, number: int = 1, **fields: Any) -> None:
    rig.ask(Side.MODERN, number, status=500, fault=True, **fields)


def test_a_route_that_fails_is_told_once(rig: Rig) -> None:
    fail(rig, 50)
    assert rig.kinds == [TripKind.BURST]
    trip = rig.told[0]
    assert (trip.key, trip.stage, trip.epoch) == (KEY, Stage.CANARY, 3)
    assert trip.evidence["modern"] == {"requests": 5, "faults": 5}
    json.dumps(trip.evidence, allow_nan=False)


def test_a_flag_that_changed_starts_anew(rig: Rig) -> None:
    fail(rig, 4)
    assert rig.flag is not None
    rig.flag = replace(rig.flag, epoch=4)
    fail(rig, 4, epoch=4)
    assert rig.kinds == []
    fail(rig, 1, epoch=4)
    assert [trip.epoch for trip in rig.told] == [4]


def test_a_change_of_another_flag_forgets_nothing(rig: Rig) -> None:
    fail(rig, 4)
    fail(rig, 1, epoch=9)
    assert [trip.epoch for trip in rig.told] == [3]


def test_requests_that_began_under_the_old_flag_do_not_count_against_the_new(rig: Rig) -> None:
    assert rig.flag is not None
    rig.flag = replace(rig.flag, epoch=5)
    rig.ask(epoch=5)
    fail(rig, 50, epoch=4)
    assert rig.kinds == []
    rig.ask(epoch=6)
    fail(rig, 50, epoch=4)
    assert rig.kinds == []


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.SHADOW, Stage.RETIRED])
def test_routes_that_share_no_traffic_are_not_watched(rig: Rig, stage: Stage) -> None:
    rig.flag = Flag(KEY, stage, epoch=3)
    fail(rig, 50)
    assert rig.kinds == []
    assert rig.guard.evidence(KEY) is None


def test_routes_of_one_owner_are_not_watched(rig: Rig) -> None:
    fail(rig, 50, key="GET /legacy")
    fail(rig, 50, key="GET /unknown")
    assert rig.kinds == []


def test_a_route_that_went_back_is_forgotten(rig: Rig) -> None:
    fail(rig, 5)
    rig.flag = Flag(KEY, Stage.SHADOW, latch=Latch("burst", "2026-01-01T00:00:00+00:00", Stage.CANARY, 5.0), epoch=4)
    rig.ask(Side.LEGACY, epoch=4)
    assert rig.guard.evidence(KEY) is None
    assert rig.guard.facts() == {}


def test_a_client_that_leaves_is_no_fault(rig: Rig) -> None:
    rig.ask(number=50, status=CLIENT_LEFT)
    evidence = rig.guard.evidence(KEY)
    assert evidence is not None
    assert evidence["modern"] == {"requests": 0, "faults": 0}


def test_a_refusal_of_the_router_itself_says_nothing_of_a_side(rig: Rig) -> None:
    rig.ask(number=50, status=503, served_by=Side.ROUTER)
    assert rig.kinds == []


def test_a_fallback_hides_no_fault(rig: Rig) -> None:
    fail(rig, 5, served_by=Side.LEGACY, fallback=True)
    assert rig.kinds == [TripKind.BURST]


def drift(rig: Rig, seconds: int) -> None:
    """Every second modern refuses once and legacy answers well."""
    for _ in range(seconds):
        rig.ask(Side.MODERN, 1, status=422)
        rig.ask(Side.LEGACY, 19)
        rig.now += 1.0


def test_refusals_hold_once_and_faults_still_roll_back(rig: Rig) -> None:
    drift(rig, 10)
    assert rig.kinds == [TripKind.CONTRACT]
    assert not rig.told[0].kind.rolls_back
    fail(rig, 5)
    assert rig.kinds == [TripKind.CONTRACT, TripKind.BURST]


def test_scattered_faults_are_found_by_chance_s_measure(rig: Rig) -> None:
    for _ in range(10):
        fail(rig)
        rig.ask(Side.MODERN, 9)
        rig.ask(Side.LEGACY, 190)
        rig.now += 1.0
    assert rig.kinds == [TripKind.SEQUENTIAL]
    value = rig.told[0].evidence["e_value"]
    assert isinstance(value, float)
    assert value >= 100


def test_at_modern_there_is_no_share_to_learn_from() -> None:
    rig = Rig(Stage.MODERN)
    for _ in range(100):
        fail(rig)
        rig.ask(Side.MODERN, 9)
        rig.now += 1.0
    assert rig.kinds == []
    assert rig.guard.e_values()[KEY] == pytest.approx(1.0, abs=0.1)


def test_time_alone_ends_a_slice(rig: Rig) -> None:
    for _ in range(3):
        rig.ask(Side.LEGACY, 19)
        fail(rig)
        rig.now += 1.0
        rig.guard.tick()
    assert rig.kinds == [TripKind.SEQUENTIAL]
    rig.guard.tick()
    assert len(rig.told) == 1


def test_nothing_happens_without_traffic(rig: Rig) -> None:
    rig.ask()
    for _ in range(1000):
        rig.now += 10.0
        rig.guard.tick()
    assert rig.kinds == []


def slow_rules() -> RollbackRules:
    return RollbackRules(latency=LatencyRule(window=10.0))


def window(rig: Rig, modern: float | None, legacy: float | None, **fields: Any) -> None:
    """Ten seconds of traffic with these durations, and the look at the end."""
    chance = random.Random(rig.now)
    for side, seconds in ((Side.MODERN, modern), (Side.LEGACY, legacy)):
        for _ in range(250 if seconds is not None else 0):
            assert seconds is not None
            rig.ask(side, duration=seconds * chance.uniform(0.8, 1.2), **fields)
    rig.now += 10.0
    rig.guard.tick()


def test_a_slow_candidate_trips_after_three_windows() -> None:
    rig = Rig(rules=slow_rules())
    for expected in ([], [], [TripKind.LATENCY]):
        window(rig, 0.02, 0.01)
        assert rig.kinds == expected
    found = rig.told[0].evidence["latency"]
    assert isinstance(found, dict)
    assert found["samples"] == [250, 250]
    assert found["shift_ms"] == pytest.approx(10, rel=0.05)


def test_durations_of_faults_and_refusals_do_not_count() -> None:
    rig = Rig(rules=slow_rules())
    for _ in range(5):
        window(rig, 0.02, 0.01, status=404)
    assert TripKind.LATENCY not in rig.kinds


def test_modern_at_full_traffic_is_compared_with_what_legacy_was() -> None:
    rig = Rig(rules=slow_rules())
    window(rig, 0.01, 0.01)
    assert rig.flag is not None
    rig.flag = replace(rig.flag, stage=Stage.MODERN, percent=None, epoch=4)
    for expected in ([], [], [TripKind.LATENCY]):
        window(rig, 0.02, None, epoch=4)
        assert rig.kinds == expected


def test_modern_without_a_baseline_is_not_judged_by_its_speed() -> None:
    rig = Rig(Stage.MODERN, slow_rules())
    for _ in range(5):
        window(rig, 9.0, None)
    assert rig.kinds == []


def test_a_baseline_from_before_the_process_can_be_given() -> None:
    rig = Rig(Stage.MODERN, slow_rules())
    rig.ask()
    rig.guard.recall(KEY, [0.01 + n / 1e6 for n in range(250)])
    for _ in range(3):
        window(rig, 0.05, None)
    assert rig.kinds == [TripKind.LATENCY]


def worker(name: str, guard: Guard) -> Worker:
    facts = json.loads(json.dumps({NAME: guard.facts()}))
    return Worker(name, "host", 1, 3, datetime(2026, 1, 1, tzinfo=UTC).isoformat(), facts)


def second_of_four(rig: Rig, at: float, failing: bool) -> None:
    """A second in which this one of four workers had a quarter of the traffic."""
    rig.now = at
    rig.ask(Side.LEGACY, 19)
    rig.ask(Side.MODERN, 1, status=500 if failing else 200, fault=failing)
    rig.now = at + 1.0
    rig.guard.tick()


def test_four_workers_together_are_as_quick_as_one() -> None:
    rigs = {f"w{n}": Rig() for n in range(4)}
    for number, rig in enumerate(rigs.values()):
        second_of_four(rig, 0.0, failing=number < 3)
    assert [rig.kinds for rig in rigs.values()] == [[], [], [], []]
    beats = [worker(name, rig.guard) for name, rig in rigs.items()]
    for name, rig in rigs.items():
        rig.guard.hear(beats, name)
    assert [rig.kinds for rig in rigs.values()] == [[TripKind.SEQUENTIAL]] * 4
    assert rigs["w3"].told[0].evidence["workers"] == 4


def test_a_worker_does_not_count_itself_twice(rig: Rig) -> None:
    for at in range(2):
        second_of_four(rig, float(at), failing=True)
    rig.guard.hear([worker("me", rig.guard)] * 9, "me")
    assert rig.kinds == []


def test_what_another_worker_said_of_an_older_flag_does_not_count(rig: Rig) -> None:
    other = Rig()
    for at in range(2):
        second_of_four(other, float(at), failing=True)
        second_of_four(rig, float(at), failing=True)
    assert rig.flag is not None
    rig.flag = replace(rig.flag, epoch=4)
    rig.ask(epoch=4)
    rig.guard.hear([worker("other", other.guard)], "me")
    assert rig.kinds == []


def test_nonsense_in_a_beat_harms_nobody(rig: Rig) -> None:
    rig.ask()
    rig.guard.hear([Worker("other", "host", 1, 3, "", {NAME: {KEY: [3, "x", None]}})], "me")
    assert rig.kinds == []


def test_an_act_that_raises_does_not_reach_the_request(caplog: pytest.LogCaptureFixture) -> None:
    def act(trip: Trip) -> None:
        raise OSError("disk full")

    guard = Guard(RollbackRules(), lambda: 0.0, act, {KEY: Owner.BOTH})
    for number in range(6):
        guard.observe(observation(status=500, fault=True, unit_hash=number))
    assert "Taking GET /a back failed." in caplog.text


def many(number: int) -> Guard:
    owners = {f"GET /{n}": Owner.BOTH for n in range(number)}
    return Guard(RollbackRules(), lambda: 0.0, lambda _: None, owners, lambda key: Flag(key, Stage.CANARY, 5.0))


def test_facts_fit_into_a_beat_and_faults_come_first() -> None:
    guard = many(2000)
    for n in range(2000):
        guard.observe(observation(key=f"GET /{n}", epoch=0, fault=n == 1999, unit_hash=n))
    told = guard.facts()
    assert len(json.dumps(told)) <= FACTS_LENGTH
    assert 1000 < len(told) < 2000
    fact = read({NAME: told}, "GET /1999")
    assert fact is not None
    assert fact.candidate == (1, 1)


def test_without_flags_the_snapshot_s_epoch_starts_anew() -> None:
    told: list[Trip] = []
    guard = Guard(RollbackRules(), lambda: 0.0, told.append, {KEY: Owner.BOTH})
    for number in range(4):
        guard.observe(observation(status=500, fault=True, unit_hash=number))
    guard.observe(observation(epoch=4, status=500, fault=True, unit_hash=9))
    assert told == []
    for number in range(4):
        guard.observe(observation(epoch=4, status=500, fault=True, unit_hash=number))
    assert [trip.epoch for trip in told] == [4]


def test_what_is_remembered_is_bounded_however_many_routes_and_visitors_fail() -> None:
    """300 routes and 30,000 visitors who all fail at once, on both sides."""
    now = 0.0
    owners = {f"GET /{n}": Owner.BOTH for n in range(300)}
    guard = Guard(
        RollbackRules(), lambda: now, lambda _: None, owners, lambda key: Flag(key, Stage.CANARY, 5.0), lambda: 0.5
    )
    for number in range(60_000):
        now = number / 60_000
        side = Side.LEGACY if number % 20 else Side.MODERN
        guard.observe(observation(side, key=f"GET /{number % 300}", epoch=0, fault=True, unit_hash=number // 2))
    for record in guard._records.values():
        assert len(record._sequential._fault_once._last) <= 256
        assert len(record._rate._seconds) <= 60
        assert len(record._burst._recent) <= 5
    assert len(guard._records) == 300
