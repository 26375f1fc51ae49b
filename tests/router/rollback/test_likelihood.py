"""The arithmetic of trip C: right to many digits, monotone, fair to both sides, and never too large."""

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.rollback.likelihood import RATIOS, START, Logs, after, log_value, product, value

VECTORS = json.loads((Path(__file__).parent / "vectors" / "likelihood.json").read_text())

SHARES = st.floats(0.0, 1.0)
COUNTS = st.integers(0, 1000)
SLICES = st.lists(st.tuples(SHARES, st.integers(0, 20), st.integers(0, 20)), max_size=20)


def weighed(slices: list[tuple[float, int, int]]) -> Logs:
    logs = START
    for share, candidate, control in slices:
        logs = after(logs, share, candidate, control)
    return logs


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_vector(vector: dict[str, Any]) -> None:
    logs = weighed(vector["slices"])
    assert value(logs) == pytest.approx(vector["e_value"], rel=1e-9)
    assert (log_value(logs) >= math.log(100)) is vector["rolls_back"]


@pytest.mark.parametrize("share", [0.001, 0.01, 0.05, 0.1, 0.5, 0.9, 0.999])
def test_where_both_sides_are_equal_a_fault_is_expected_to_change_nothing(share: float) -> None:
    expected = share * value(after(START, share, 1, 0)) + (1 - share) * value(after(START, share, 0, 1))
    assert expected == pytest.approx(1.0, rel=1e-12)


@given(SHARES, SHARES)
def test_a_share_that_is_too_large_is_never_too_bold(true: float, stated: float) -> None:
    true, stated = sorted((true, stated))
    expected = true * value(after(START, stated, 1, 0)) + (1 - true) * value(after(START, stated, 0, 1))
    assert expected <= 1 + 1e-9


@given(SLICES, SHARES, COUNTS, COUNTS, st.integers(1, 50))
def test_more_faults_of_the_candidate_never_lower_the_evidence(
    slices: list[tuple[float, int, int]], share: float, candidate: int, control: int, more: int
) -> None:
    before = weighed(slices)
    assert log_value(after(before, share, candidate + more, control)) >= log_value(
        after(before, share, candidate, control)
    )


@given(SLICES, SHARES, COUNTS, COUNTS, st.integers(1, 50))
def test_more_faults_of_the_control_never_raise_the_evidence(
    slices: list[tuple[float, int, int]], share: float, candidate: int, control: int, more: int
) -> None:
    before = weighed(slices)
    assert log_value(after(before, share, candidate, control + more)) <= log_value(
        after(before, share, candidate, control)
    )


@given(SLICES, st.randoms(use_true_random=False))
def test_the_order_of_slices_does_not_matter(slices: list[tuple[float, int, int]], order: random.Random) -> None:
    shuffled = list(slices)
    order.shuffle(shuffled)
    assert log_value(weighed(shuffled)) == pytest.approx(log_value(weighed(slices)), rel=1e-9, abs=1e-9)


@given(SLICES, st.integers(0, 20))
def test_workers_together_know_what_one_would_that_saw_it_all(slices: list[tuple[float, int, int]], cut: int) -> None:
    together = product([weighed(slices[:cut]), weighed(slices[cut:])])
    assert log_value(together) == pytest.approx(log_value(weighed(slices)), rel=1e-9, abs=1e-9)


def test_nobody_s_product_is_the_start() -> None:
    assert product([]) == START
    assert log_value(START) == 0.0
    assert len(START) == len(RATIOS) == 6


@pytest.mark.parametrize(("candidate", "control"), [(10**9, 0), (0, 10**9), (10**9, 10**9), (10**15, 10**15)])
def test_extreme_counts_neither_overflow_nor_vanish(candidate: int, control: int) -> None:
    logs = after(START, 0.05, candidate, control)
    assert math.isfinite(log_value(logs))
    assert math.isfinite(value(logs))
    assert value(logs) >= 0.0


def test_faults_in_proportion_to_traffic_wear_the_evidence_down() -> None:
    logs = START
    for _ in range(100):
        logs = after(logs, 0.05, 1, 19)
    assert value(logs) < 1e-4


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
def test_the_bound_on_mistakes_holds_at_every_look(share: float) -> None:
    """Seeded: of 500 equally good pairs of sides, each watched over 200 faults, at most 1 % ever reach 100."""
    chance = random.Random(7)
    reached = 0
    for _ in range(500):
        logs = START
        for _ in range(200):
            hit = chance.random() < share
            logs = after(logs, share, hit, not hit)
            if log_value(logs) >= math.log(100):
                reached += 1
                break
    assert reached <= 5


def test_the_smallest_share_teaches_something() -> None:
    assert value(after(START, 0.0001, 1, 0)) > 1.0


@pytest.mark.parametrize(("share", "candidate", "control"), [(0.0, 3, 0), (0.0, 0, 3), (1.0, 3, 2), (0.5, 0, 0)])
def test_where_one_side_had_all_the_traffic_and_without_faults_nothing_is_learned(
    share: float, candidate: int, control: int
) -> None:
    before = after(START, 0.5, 2, 1)
    assert after(before, share, candidate, control) == before
