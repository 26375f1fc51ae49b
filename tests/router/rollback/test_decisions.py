"""A route is rolled back for what modern did, and for nothing else: golden vectors of trips A and B."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration_flags import Stage
from router.rollback.burst import Burst, BurstRule
from router.rollback.rate import Rate, RateRule
from router.rollback.sequential import Answer
from router.rollback.tally import Tally, is_shared
from router.rollback.trip import TripKind
from tests.router.rollback.traffic import Asked, expanded, record, trips

VECTORS = json.loads((Path(__file__).parent / "vectors" / "decisions.json").read_text())

REQUESTS = st.lists(
    st.tuples(st.floats(0, 3), st.booleans(), st.sampled_from(["ada", "bob", "eve", None]), st.sampled_from(Answer)),
    max_size=60,
)


def asked(steps: list[tuple[float, bool, str | None, Answer]]) -> list[Asked]:
    """Requests one after the other, each so many seconds after the one before."""
    at = 0.0
    found = []
    for pause, is_candidate, unit, answer in steps:
        at += pause
        found.append(Asked(at, is_candidate, unit, answer))
    return found


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_vector(vector: dict[str, Any]) -> None:
    found = trips(expanded(vector["events"]))
    first = found[0] if found else (None, None)
    assert first == (vector["after"], vector["trips"])


@given(REQUESTS)
def test_only_a_fault_of_modern_trips_a_or_b(steps: list[tuple[float, bool, str | None, Answer]]) -> None:
    events = asked(steps)
    for number, kind in trips(events):
        if kind in {TripKind.BURST, TripKind.RATE}:
            assert events[number].is_candidate
            assert events[number].answer is Answer.FAULT


@given(REQUESTS)
def test_counts_are_whole_and_faults_are_never_more_than_requests(
    steps: list[tuple[float, bool, str | None, Answer]],
) -> None:
    present = record()
    trips(asked(steps), present)
    assert present.candidate.requests + present.control.requests == len(steps)
    assert 0 <= present.candidate.faults <= present.candidate.requests
    assert 0 <= present.control.faults <= present.control.requests


@given(REQUESTS)
def test_the_window_holds_what_the_last_minute_held(steps: list[tuple[float, bool, str | None, Answer]]) -> None:
    rate = Rate(RateRule())
    events = asked(steps)
    for one in events:
        rate.add(one.at, one.is_candidate, one.answer is Answer.FAULT)
    if not events:
        return
    recent = [one for one in events if int(one.at) > int(events[-1].at) - 60]
    for side, tally in ((True, rate.candidate), (False, rate.control)):
        mine = [one for one in recent if one.is_candidate is side]
        assert tally == Tally(len(mine), sum(one.answer is Answer.FAULT for one in mine))


def test_a_clock_that_goes_back_stands_still() -> None:
    faults = [Asked(at, True, f"visitor {at}", Answer.FAULT) for at in (100.0, 40.0, -5.0, 99.0, 0.0)]
    assert trips(faults) == [(4, TripKind.BURST)]


def test_a_clock_that_leaps_makes_old_faults_old() -> None:
    faults = [Asked(at, True, f"visitor {at}", Answer.FAULT) for at in (0.0, 1.0, 2.0, 3.0, 1e9)]
    assert trips(faults) == []


def test_the_last_minute_never_keeps_more_than_its_seconds() -> None:
    rate = Rate(RateRule())
    for second in range(10_000):
        rate.add(float(second), True, True)
    assert len(rate._seconds) == 60
    assert rate.candidate == Tally(60, 60)


def test_at_modern_the_first_two_trips_decide_alone() -> None:
    faults = [Asked(n / 10, True, f"visitor {n}", Answer.FAULT) for n in range(5)]
    assert trips(faults, record(Stage.MODERN)) == [(4, TripKind.BURST)]


def test_a_row_of_faults_is_counted_beyond_those_that_trip() -> None:
    burst = Burst(BurstRule())
    for n in range(8):
        burst.candidate(float(n), "ada", True)
    assert burst.length == 8
    burst.candidate(9.0, "ada", False)
    assert burst.length == 0


@pytest.mark.parametrize(
    ("control", "candidate", "shared"),
    [
        (Tally(5, 5), Tally(5, 5), True),
        (Tally(4, 4), Tally(5, 5), False),
        (Tally(10, 5), Tally(10, 10), True),
        (Tally(10, 4), Tally(10, 10), False),
        (Tally(10, 0), Tally(10, 0), False),
        (Tally(0, 0), Tally(10, 10), False),
        (Tally(10, 10), Tally(0, 0), False),
    ],
)
def test_an_outage_is_shared_where_both_fail(control: Tally, candidate: Tally, shared: bool) -> None:
    assert is_shared(control, candidate, 0.5) is shared


def test_how_the_control_did_in_an_older_row_of_faults_does_not_count() -> None:
    burst = Burst(BurstRule())
    burst.candidate(0.0, "ada", fault=True)
    for _ in range(10):
        burst.control(fault=True)
    burst.candidate(1.0, "ada", fault=False)
    assert [burst.candidate(2.0, unit, fault=True) for unit in "abcde"] == [False] * 4 + [True]


@pytest.mark.parametrize("first", [0, 1, 2, 59])
def test_after_a_minute_nothing_is_left_of_either_side(first: int) -> None:
    rate = Rate(RateRule())
    for is_candidate in (True, False):
        rate.add(first + 0.5, is_candidate, fault=True)
        rate.add(first + 0.5, is_candidate, fault=False)
    assert (rate.candidate, rate.control) == (Tally(2, 1), Tally(2, 1))
    rate.add(first + 59.9, is_candidate=True, fault=False)
    assert (rate.candidate, rate.control) == (Tally(3, 1), Tally(2, 1))
    rate.add(first + 60.0, is_candidate=True, fault=False)
    assert (rate.candidate, rate.control) == (Tally(2, 0), Tally(0, 0))


def test_good_answers_that_come_all_at_once_are_in_the_minute_as_well() -> None:
    rate = Rate(RateRule())
    rate.add_good(1.0, 5)
    rate.add_good(1.9, 2)
    rate.add_good(2.0, 3)
    assert rate.candidate == Tally(10, 0)
    rate.add_good(61.0, 1)
    assert rate.candidate == Tally(4, 0)
    rate.add_good(62.0, 1)
    assert rate.candidate == Tally(2, 0)


@pytest.mark.parametrize(("second", "counted"), [(7, 0), (8, 1), (10, 1), (12, 1), (13, 0)])
def test_around_a_fault_are_two_seconds_before_and_after(second: int, counted: int) -> None:
    rate = Rate(RateRule())
    for at in range(20):
        if at == 10:
            rate.add(10.0, is_candidate=True, fault=True)
        if at == second:
            rate.add(at, is_candidate=False, fault=True)
    assert rate.around() == Tally(counted, counted)
