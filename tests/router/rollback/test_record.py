"""What is known of one route: counted once, told in full, and good answers that wait are not forgotten."""

from collections.abc import Iterator

import pytest

from migration_flags import Stage
from router.rollback.latency import LatencyRule
from router.rollback.likelihood import START
from router.rollback.record import Record
from router.rollback.rules import RollbackRules
from router.rollback.sequential import Answer
from router.rollback.tally import Tally
from router.rollback.trip import TripKind
from tests.router.rollback.traffic import Asked, record, trips

RULES = RollbackRules(latency=LatencyRule(window=10.0, samples=3))


def fail(present: Record, number: int, at: float = 0.0) -> list[TripKind | None]:
    return [present.add(at, True, f"v{at}-{unit}", Answer.FAULT, 0.01) for unit in range(number)]


def scattered(seconds: int) -> Iterator[Asked]:
    """Of 20 requests a second, the last is modern's and fails."""
    for at in range(seconds):
        for number in range(20):
            on_modern = number == 19
            yield Asked(at, on_modern, f"v{at}-{number}", Answer.FAULT if on_modern else Answer.GOOD)


def test_good_answers_that_wait_are_counted_before_the_next_fault() -> None:
    present = record(Stage.MODERN)
    assert fail(present, 4) == [None] * 4
    present.good.extend([0.01] * 100)
    assert fail(present, 4, at=1.0) == [None] * 4
    assert (present.candidate, present.good) == (Tally(108, 8), [])
    assert present.evidence()["last_minute"] == {
        "modern": {"requests": 108, "faults": 8},
        "legacy": {"requests": 0, "faults": 0},
    }


def test_good_answers_that_wait_belong_to_the_window() -> None:
    present = record(Stage.MODERN, RULES)
    present.good.extend([0.25, 0.5])
    assert present.window(9.9) is None
    assert present.good == []
    present.good.append(0.75)
    assert present.window(10.0) == ((), [0.25, 0.5, 0.75])
    assert present.window(19.9) is None
    assert present.window(20.0) == ((), [])


def test_good_answers_that_wait_end_a_spate() -> None:
    present = record(Stage.CANARY)
    for number in range(100):
        present.add(0.0, False, f"c{number}", Answer.GOOD, 0.01)
    present.add(0.0, True, "v", Answer.GOOD, 0.01)
    assert fail(present, 3) == [None] * 3
    present.good.extend([0.01] * 14)
    assert fail(present, 3, at=0.5) == [None] * 3


@pytest.mark.parametrize("answer", [Answer.GOOD, Answer.REFUSAL])
def test_answers_that_are_no_faults_end_a_spate(answer: Answer) -> None:
    present = record(Stage.CANARY)
    assert trips([Asked(0.0, False, f"c{number}") for number in range(100)], present) == []
    assert fail(present, 3) == [None] * 3
    assert trips([Asked(0.0, True, "v", answer) for _ in range(15)], present) == []
    assert fail(present, 3, at=0.5) == [None] * 3


def test_just_enough_of_the_control_is_a_reference() -> None:
    present = record(Stage.CANARY, RULES)
    for seconds in (0.1, 0.2):
        present.add(0.0, False, "a", Answer.GOOD, seconds)
    assert list(present.reference) == []
    present.add(0.0, False, "a", Answer.GOOD, 0.3)
    assert list(present.reference) == [0.1, 0.2, 0.3]


def test_a_worker_alone_is_not_asked_what_the_others_say() -> None:
    present = record()
    assert trips(scattered(3), present) == []
    assert present.tick(3.0) is TripKind.SEQUENTIAL
    assert present.together([]) is None


@pytest.mark.parametrize("others", [1, 3, 100])
def test_what_is_not_proven_is_not_by_others_who_saw_nothing(others: int) -> None:
    present = record()
    assert trips(scattered(2), present) == []
    assert present.tick(2.0) is None
    assert present.together([START] * others) is None


def test_what_a_slice_proves_is_told_with_the_request_that_ends_it() -> None:
    assert trips(scattered(4))[0] == (60, TripKind.SEQUENTIAL)


def test_a_clock_that_goes_back_stands_still() -> None:
    present = record(Stage.CANARY, RULES)
    present.add(9.0, True, "a", Answer.GOOD, 0.01)
    present.add(1.0, True, "a", Answer.GOOD, 0.01)
    assert present.window(5.0) is None
    assert present.window(10.0) is not None


def test_the_evidence_has_every_figure() -> None:
    present = record(Stage.CANARY, RULES)
    for seconds in (0.1, 0.1, 0.1):
        present.add(0.0, False, "a", Answer.GOOD, seconds)
    present.add(0.5, False, "b", Answer.FAULT, 0.1)
    for number in range(3):
        present.add(1.0, True, f"m{number}", Answer.GOOD, 0.4)
    present.add(1.5, True, "n", Answer.REFUSAL, 0.1)
    present.add(1.5, True, "o", Answer.FAULT, 0.1)
    samples = present.window(10.0)
    assert samples is not None
    assert present.judge(samples) is None
    assert present.evidence() == {
        "stage": "canary",
        "modern": {"requests": 5, "faults": 1},
        "legacy": {"requests": 4, "faults": 1},
        "last_minute": {"modern": {"requests": 5, "faults": 1}, "legacy": {"requests": 4, "faults": 1}},
        "faults_in_a_row": 1,
        "e_value": 0.9,
        "e_value_4xx": 1.0,
        "workers": 1,
        "latency": {
            "samples": [3, 3],
            "legacy_p95_ms": 100.0,
            "modern_p95_ms": 400.0,
            "shift_ms": 300.0,
            "shift_at_least_ms": 300.0,
        },
    }


def test_the_control_failing_as_well_makes_a_burst_wait() -> None:
    present = record(Stage.CANARY)
    found = []
    for number in range(6):
        found += fail(present, 1, at=number)
        for each in range(5):
            present.add(number, False, f"c{number}{each}", Answer.FAULT, 0.01)
    assert TripKind.BURST not in found
