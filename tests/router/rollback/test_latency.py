"""Trip D: slower by enough, for long enough, and never on too little."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.rollback.latency import Comparison, LatencyRule, Shift, Slowness, compare, difference, percentile, shift
from router.rollback.reservoir import KEPT, Reservoir

RULE = LatencyRule()
FEW = st.lists(st.integers(0, 1000).map(lambda n: n / 8), min_size=1, max_size=30).map(sorted)


def durations(seed: int, scale: float = 1.0, number: int = 300) -> list[float]:
    chance = random.Random(seed)
    return [scale * chance.lognormvariate(-4, 0.5) for _ in range(number)]


@given(FEW, FEW, st.data())
def test_the_difference_of_a_rank_is_the_sorted_one(
    control: list[float], candidate: list[float], data: st.DataObject
) -> None:
    differences = sorted(ours - theirs for ours, theirs in product(candidate, control))
    rank = data.draw(st.integers(0, len(differences) - 1))
    assert difference(control, candidate, rank) == differences[rank]


def test_the_shift_is_found() -> None:
    control, candidate = sorted(durations(1)), sorted(one + 0.005 for one in durations(2))
    found = shift(control, candidate, 0.98)
    assert found.estimate == pytest.approx(0.005, abs=0.0015)
    assert found.lower < found.estimate


def test_the_interval_covers_no_shift_as_often_as_it_says() -> None:
    """Of 100 equal pairs, the lower end of a 98 % interval is above zero in 1 % or so."""
    above = sum(shift(sorted(durations(n)), sorted(durations(-n - 1)), 0.98).lower > 0 for n in range(1, 101))
    assert above <= 4


def test_a_candidate_twice_as_slow_is_slow() -> None:
    found = compare(durations(1), durations(2, scale=2.0), RULE)
    assert found is not None
    assert found.slow
    assert found.shift is not None
    assert found.shift.lower > 0.25 * found.shift.estimate


def test_an_equal_candidate_is_not_slow() -> None:
    found = compare(durations(1), durations(2), RULE)
    assert found is not None
    assert not found.slow


def test_a_faster_candidate_is_not_slow() -> None:
    found = compare(durations(1), durations(2, scale=0.5), RULE)
    assert found is not None
    assert (found.slow, found.shift) == (False, None)


def test_a_slow_tail_alone_is_not_a_shift() -> None:
    candidate = durations(2)
    for number in range(0, 300, 15):
        candidate[number] *= 20
    found = compare(durations(1), candidate, RULE)
    assert found is not None
    assert found.p95[1] >= 1.25 * found.p95[0]
    assert not found.slow


def test_a_slow_tail_alone_is_none_where_the_clock_saw_no_time_pass_either() -> None:
    found = compare([0.0] * 270 + [1.0] * 30, [0.0] * 270 + [2.0] * 30, RULE)
    assert found is not None
    assert (found.shift, found.slow) == (Shift(0.0, 0.0), False)


@pytest.mark.parametrize(("lower", "is_slow"), [(1.0, False), (1.125, True)])
def test_a_shift_is_slow_where_it_is_known_to_be_above_a_quarter_of_itself(lower: float, is_slow: bool) -> None:
    candidate = [0.0] * 80 + [lower] * 15 + [4.0] * 85 + [16.0] * 20
    found = compare([0.0] * 200, candidate, RULE)
    assert found is not None
    assert (found.shift, found.slow) == (Shift(lower, 4.0), is_slow)


def test_a_shift_without_a_slow_tail_is_not_slow() -> None:
    control = [0.010] * 270 + [0.100] * 30
    candidate = [0.012] * 270 + [0.100] * 30
    found = compare(control, candidate, RULE)
    assert found is not None
    assert not found.slow


@pytest.mark.parametrize(("control", "candidate"), [(199, 300), (300, 199), (0, 0)])
def test_too_few_durations_say_nothing(control: int, candidate: int) -> None:
    assert compare(durations(1, number=control), durations(2, scale=9.0, number=candidate), RULE) is None


def test_two_hundred_of_each_are_enough() -> None:
    assert compare(durations(1, number=200), durations(2, number=200), RULE) is not None


@pytest.mark.parametrize("same", [0.0, 0.01, 1e9])
def test_durations_that_are_all_the_same_are_no_trouble(same: float) -> None:
    found = compare([same] * 200, [same] * 200, RULE)
    assert found is not None
    assert not found.slow


def slow(is_slow: bool) -> Comparison:
    return Comparison((200, 200), (0.01, 0.02), Shift(0.009, 0.01), is_slow)


def test_three_slow_windows_in_a_row_trip() -> None:
    slowness = Slowness(RULE)
    assert [slowness.add(slow(True)) for _ in range(4)] == [False, False, True, True]


@pytest.mark.parametrize("between", [slow(False), None])
def test_a_window_between_breaks_the_row(between: Comparison | None) -> None:
    slowness = Slowness(RULE)
    told = [slow(True), slow(True), between, slow(True), slow(True)]
    assert [slowness.add(one) for one in told] == [False] * 5


def test_the_percentile_is_a_value_of_the_sample() -> None:
    assert percentile(list(range(100)), 0.95) == 95
    assert percentile([7.0], 0.95) == 7.0
    assert percentile([1.0, 2.0], 1.0) == 2.0


def kept(batches: Sequence[int], seed: int) -> Reservoir:
    """What is left of 0, 1, 2, …, added in batches of these sizes."""
    reservoir, began = Reservoir(random.Random(seed).random), 0
    for size in batches:
        reservoir.extend([float(number) for number in range(began, began + size)])
        began += size
    return reservoir


def test_a_reservoir_keeps_a_fair_sample_in_bounded_memory() -> None:
    reservoir = kept([100_000], 5)
    assert (reservoir.seen, len(reservoir.values)) == (100_000, KEPT)
    assert sum(reservoir.values) / KEPT == pytest.approx(50_000, rel=0.1)
    assert len(set(reservoir.values)) == KEPT


def test_the_first_values_are_as_likely_to_be_kept_as_the_last() -> None:
    """Of 100 times 2,000 values, each tenth should have its tenth of what is kept: 4,000, give or take 4 deviations."""
    tenths = Counter(int(value) // 200 for seed in range(100) for value in kept([2000], seed).values)
    spread = 4 * (40_000 * 0.1 * 0.9 * (1 - KEPT / 2000)) ** 0.5
    assert all(abs(tenths[tenth] - 4000) < spread for tenth in range(10)), tenths


@given(st.lists(st.integers(0, 700), min_size=1, max_size=8), st.integers(0, 99))
def test_values_that_come_at_once_are_kept_as_if_they_came_one_by_one(batches: list[int], seed: int) -> None:
    at_once, one_by_one = kept(batches, seed), kept([1] * sum(batches), seed)
    assert (at_once.seen, at_once.values) == (one_by_one.seen, one_by_one.values)
    assert set(at_once.values) <= set(map(float, range(sum(batches))))


@pytest.mark.parametrize("drawn", [0.0, 1 - 2**-53])
def test_the_ends_of_chance_break_no_reservoir(drawn: float) -> None:
    reservoir = Reservoir(lambda: drawn)
    reservoir.extend([1.0] * (2 * KEPT))
    assert (reservoir.seen, reservoir.values) == (2 * KEPT, [1.0] * KEPT)


def test_the_percentiles_are_told_of_each_side() -> None:
    control, candidate = [float(n) for n in range(200)], [float(n) for n in range(0, 800, 2)]
    found = compare(control, candidate, RULE)
    assert found is not None
    assert (found.samples, found.p95) == ((200, 400), (190.0, 760.0))


def test_a_quarter_slower_is_enough_and_no_time_at_all_is_not() -> None:
    found = compare([4.0] * 200, [5.0] * 200, RULE)
    assert found is not None
    assert found.shift is not None
    assert [found.shift.lower, found.shift.estimate] == pytest.approx([1.0, 1.0])
    assert found.slow
    nothing = compare([0.0] * 200, [0.0] * 200, RULE)
    assert nothing is not None
    assert nothing.shift is None


def test_the_interval_is_read_off_the_ranks() -> None:
    """Ten by ten, with every difference from -9 to 90 once: the 98 % interval begins at the 19th."""
    found = shift([float(n) for n in range(10)], [10.0 * n for n in range(10)], 0.98)
    assert [found.lower, found.estimate] == pytest.approx([9.0, 41.0], abs=1e-6)


def test_the_interval_of_very_few_begins_at_the_smallest_difference() -> None:
    assert shift([0.0], [5.0, 6.0], 0.98).lower == pytest.approx(5.0, abs=1e-6)
