"""Trip C: which side the faults hit, and nothing else, takes a route back."""

import random
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.rollback.likelihood import START, value
from router.rollback.once import KEPT, Once
from router.rollback.sequential import Answer, Sequential, SequentialRule
from router.rollback.slice import UNITS_KEPT, Part, Slice, SliceRule
from router.rollback.starts import Starts, is_kept, log_sum, log_weight

RULE = SequentialRule()


def fed(
    requests: list[tuple[float, bool, str, Answer]], *, until: float = 1e6, rule: SequentialRule = RULE
) -> Sequential:
    """After these requests (at, candidate, unit, answer), and the end of the last slice."""
    process = Sequential(rule)
    for at, is_candidate, unit, answer in requests:
        process.close(at)
        process.add(at, is_candidate, unit, answer)
    process.close(until)
    return process


def second(at: int, candidate: list[Answer], control: list[Answer]) -> list[tuple[float, bool, str, Answer]]:
    """One second of traffic, every request another visitor's."""
    sides = [(True, answer) for answer in candidate] + [(False, answer) for answer in control]
    return [(at + n / 1000, side, f"{at}-{n}", answer) for n, (side, answer) in enumerate(sides)]


GOOD, FAULT, REFUSAL = Answer.GOOD, Answer.FAULT, Answer.REFUSAL


def test_three_faults_of_a_small_canary_are_proof() -> None:
    traffic = [one for at in range(3) for one in second(at, [FAULT], [GOOD] * 19)]
    assert fed(traffic[:40]).is_proven is False
    assert fed(traffic).is_proven is True


def test_a_slice_is_weighed_only_when_it_is_over() -> None:
    process = fed(second(0, [FAULT], [GOOD] * 19), until=0.99)
    assert process.faults == START
    assert process.close(1.0) is True
    assert value(process.faults) == pytest.approx(4.9006, rel=1e-4)


def test_an_outage_of_both_sides_does_not_trip() -> None:
    traffic = [one for at in range(60) for one in second(at, [FAULT] * 5, [FAULT] * 95)]
    assert value(fed(traffic).faults) < 1.0


def test_traffic_of_one_side_alone_says_nothing() -> None:
    assert fed([one for at in range(60) for one in second(at, [FAULT] * 20, [])]).faults == START
    assert fed([one for at in range(60) for one in second(at, [], [FAULT] * 20)]).faults == START


def test_hours_of_good_traffic_do_not_make_it_blind() -> None:
    """Two hours in which both sides fail now and then; then half of the candidate's answers are faults."""
    good = [one for at in range(7200) for one in second(at, [FAULT if at % 20 == 0 else GOOD], [FAULT] + [GOOD] * 18)]
    bad = [one for at in range(7200, 7260) for one in second(at, [FAULT if at % 2 else GOOD], [FAULT] + [GOOD] * 18)]
    process = fed(good, until=7200.0)
    assert (process.is_proven, value(process.faults) < 1e-6) == (False, True)
    proven = 0.0
    for at, is_candidate, unit, answer in bad:
        process.close(at)
        if process.is_proven:
            proven = at - 7200
            break
        process.add(at, is_candidate, unit, answer)
    assert 0 < proven <= 45
    assert value(process.faults) < 100


def test_the_weights_of_all_starts_are_one_at_most() -> None:
    assert 0.9 < sum(exp(log_weight(number)) for number in range(1, 500_000)) < 1.0


def test_starts_are_thinned_out_and_the_newest_stay() -> None:
    starts = Starts()
    for _ in range(10_000):
        starts.begin()
    ages = sorted(10_000 - number for number in starts.kept)
    assert ages[:4] == [0, 1, 2, 3]
    assert len(ages) <= 40
    assert ages[-1] > 1000


def test_before_the_first_start_there_is_nothing_to_add() -> None:
    starts = Starts()
    assert starts.log_value == float("-inf")
    starts.begin()
    starts.add(0.05, 1, 0)
    assert exp(starts.log_value) == pytest.approx(4.9006 * exp(log_weight(1)), rel=1e-4)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 8, 96, 1000])
def test_a_start_once_dropped_would_not_be_kept_later(number: int) -> None:
    kept = [is_kept(number, age) for age in range(5000)]
    assert kept == sorted(kept, reverse=True)
    assert all(kept[:4])


def test_no_traffic_says_nothing() -> None:
    assert fed([]).faults == START


def test_one_visitor_who_retries_is_one_fault_in_ten_seconds() -> None:
    others = [one for at in range(9) for one in second(at, [], [GOOD] * 19)]
    retries = [(at + 0.5, True, "ada", FAULT) for at in range(9)]
    assert value(fed(sorted(others + retries)).faults) == pytest.approx(4.9006, rel=1e-4)


def test_the_same_visitor_counts_again_after_ten_seconds() -> None:
    once = Once(10.0)
    assert [once.counts("ada", at) for at in (0.0, 9.9, 10.0, 19.9, 20.0)] == [True, False, True, False, True]


def test_visitors_are_kept_in_mind_within_bounds() -> None:
    once = Once(10.0)
    for number in range(100_000):
        once.counts(number, number / 1e6)
    assert len(once._last) == KEPT
    assert once.counts("late", 50.0) is True
    assert len(once._last) == 1


def test_a_machine_that_asks_without_end_does_not_make_modern_look_bad() -> None:
    """One visitor on legacy makes 95 of 100 requests; the five others are on modern. Everybody fails equally often."""
    chance = random.Random(3)
    traffic: list[tuple[float, bool, str, Answer]] = []
    for number in range(60_000):
        unit = "machine" if chance.random() < 0.95 else f"person {chance.randrange(5)}"
        answer = FAULT if chance.random() < 0.02 else GOOD
        traffic.append((number / 100, unit != "machine", unit, answer))
    assert fed(traffic).is_proven is False


def test_more_refusals_hold_and_do_not_roll_back() -> None:
    traffic = [one for at in range(4) for one in second(at, [REFUSAL], [GOOD] * 19)]
    process = fed(traffic)
    assert process.is_drifting is True
    assert process.is_proven is False
    assert process.faults == START


def test_three_refusals_are_not_enough_to_hold() -> None:
    assert fed([one for at in range(3) for one in second(at, [REFUSAL], [GOOD] * 19)]).is_drifting is False


def test_faults_are_not_refusals() -> None:
    assert fed([one for at in range(4) for one in second(at, [FAULT], [GOOD] * 19)]).refusals == START


@pytest.mark.parametrize(
    ("requests", "age", "over"),
    [(20, 0.99, False), (20, 1.0, True), (19, 1.0, False), (19, 29.9, False), (19, 30.0, True), (1, 30.0, True)],
)
def test_a_slice_ends_by_time_and_number_alone(requests: int, age: float, over: bool) -> None:
    present = Slice(5.0)
    for number in range(requests):
        present.control.add(number)
    assert present.is_over(5.0 + age, SliceRule()) is over


def test_the_share_is_the_larger_of_requests_and_visitors() -> None:
    present = Slice(0.0)
    for unit in ("ada", "ada", "ada"):
        present.candidate.add(unit)
    present.control.add("bob")
    assert present.share == 0.75
    for _ in range(6):
        present.control.add("bob")
    assert present.share == 0.5


def test_a_slice_without_the_candidate_has_no_share_of_it() -> None:
    present = Slice(0.0)
    present.control.add("bob")
    assert present.share == 0.0


def test_a_slice_tells_apart_only_so_many_visitors() -> None:
    part = Part()
    for number in range(UNITS_KEPT + 5):
        part.add(number)
    assert (part.requests, len(part.units)) == (UNITS_KEPT + 5, UNITS_KEPT)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(Answer)), min_size=20, max_size=200), st.data())
def test_another_fault_of_modern_never_lowers_the_evidence(
    sides: list[tuple[bool, Answer]], data: st.DataObject
) -> None:
    requests = [(n / 1000, side, f"visitor {n}", answer) for n, (side, answer) in enumerate(sides)]
    chosen = data.draw(st.integers(0, len(requests) - 1))
    at, _, unit, _ = requests[chosen]
    good = [*requests[:chosen], (at, True, unit, GOOD), *requests[chosen + 1 :]]
    bad = [*requests[:chosen], (at, True, unit, FAULT), *requests[chosen + 1 :]]
    assert value(fed(bad).faults) >= value(fed(good).faults)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(Answer)), max_size=100), st.randoms(use_true_random=False))
def test_within_a_slice_the_order_does_not_matter(sides: list[tuple[bool, Answer]], order: random.Random) -> None:
    def result(these: list[tuple[bool, Answer, int]]) -> tuple[float, float]:
        found = fed([(at / 1000, side, f"visitor {n}", answer) for at, (side, answer, n) in enumerate(these)])
        return value(found.faults), value(found.refusals)

    numbered = [(side, answer, n) for n, (side, answer) in enumerate(sides)]
    shuffled = list(numbered)
    order.shuffle(shuffled)
    assert result(shuffled) == pytest.approx(result(numbered))


def test_another_process_begins_every_ten_seconds() -> None:
    process = fed([one for at in range(101) for one in second(at, [GOOD], [GOOD] * 19)], until=101.0)
    assert max(process._starts.kept) == 10


def test_a_slice_that_is_not_over_is_not_closed() -> None:
    process = Sequential(SequentialRule())
    assert not process.close(5.0)
    process.add(5.0, True, "ada", FAULT)
    assert not process.close(5.9)
    assert not process.close(6.0)
    assert process.close(35.0)


def test_weights_fall_slowly() -> None:
    assert log_weight(9) == pytest.approx(-log(2.11 * 10 * log(10) ** 2))


def test_a_sum_of_logarithms() -> None:
    assert exp(log_sum([log(1.0), log(3.0), log(5.0)])) == pytest.approx(9.0)
    assert log_sum([]) == float("-inf")


def full(at: float) -> Once:
    """Everybody who can be kept in mind failed just now."""
    once = Once(10.0)
    assert all(once.counts(number, at) for number in range(KEPT))
    return once


def test_where_nobody_more_can_be_kept_in_mind_nobody_more_counts() -> None:
    once = full(100.0)
    assert not once.counts("one more", 101.0)
    assert not once.counts(0, 101.0)
    assert not once.counts(KEPT - 1, 109.9)


def test_room_is_made_by_forgetting_those_who_may_count_again_and_no_moment_earlier() -> None:
    assert not full(100.0).counts("one more", 109.9)
    assert full(100.0).counts("one more", 110.0)


def test_who_counted_again_is_not_the_oldest_any_more() -> None:
    once = Once(10.0)
    once.counts("ada", 0.0)
    for number in range(KEPT - 1):
        once.counts(number, 1.0)
    assert once.counts("ada", 10.0)
    assert once.counts("one more", 11.5)
