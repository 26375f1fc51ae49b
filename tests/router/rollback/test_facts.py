"""What workers tell each other is short, and nonsense from one of them harms nobody."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration_flags import JSON
from router.rollback.facts import NAME, Fact, read, total
from router.rollback.likelihood import RATIOS, START

KEY = "GET /a"
COUNTS = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9))
LOGS = st.tuples(*[st.floats(-1e6, 1e6)] * len(RATIOS))

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.sampled_from([KEY, "x"]), inner, max_size=2),
    max_leaves=12,
)


def facts(told: JSON) -> dict[str, JSON]:
    return {NAME: {KEY: told}}


@given(st.integers(0, 10**9), COUNTS, COUNTS, LOGS, LOGS)
def test_what_is_told_is_what_is_read(
    epoch: int,
    candidate: tuple[int, int],
    control: tuple[int, int],
    faults: tuple[float, ...],
    refusals: tuple[float, ...],
) -> None:
    fact = Fact(epoch, candidate, control, faults, refusals)
    found = read(facts(json.loads(json.dumps(fact.told()))), KEY)
    assert found is not None
    assert (found.epoch, found.candidate, found.control) == (epoch, candidate, control)
    assert found.faults == pytest.approx(faults, abs=0.001)
    assert found.refusals == pytest.approx(refusals, abs=0.001)


def test_a_route_without_faults_costs_few_characters() -> None:
    assert json.dumps(Fact(7, (100, 0), (1900, 0)).told()) == "[7, 100, 0, 1900, 0]"


@given(ANYTHING)
def test_nonsense_is_read_as_nothing(told: JSON) -> None:
    for one in (facts(told), {NAME: told}):
        found = read(one, KEY)
        assert found is None or isinstance(found, Fact)


@pytest.mark.parametrize(
    "told",
    [
        [1, 2, 3, 4],
        [1, 2, 3, 4, -5],
        [1, 2, 3, 4, "5"],
        [1, 2, 3, 4, 5, [0.0] * 6],
        [1, 2, 3, 4, 5, [0.0] * 5, [0.0] * 6],
        [1, 2, 3, 4, 5, [0.0] * 6, [float("inf")] * 6],
    ],
)
def test_half_of_it_is_nothing(told: JSON) -> None:
    assert read(facts(told), KEY) is None


def test_a_worker_that_says_nothing_of_a_route() -> None:
    assert read({}, KEY) is None
    assert read({NAME: {}}, KEY) is None


def test_only_facts_of_the_present_flag_add_up() -> None:
    told = [Fact(2, (10, 1), (90, 2)), Fact(2, (5, 0), (45, 1)), Fact(1, (1000, 1000), (0, 0))]
    assert total(told, 2) == ((15, 1), (135, 3))
    assert total([], 2) == ((0, 0), (0, 0))
    assert told[0].faults == START


@pytest.mark.parametrize("logs", [1, None, "abcdef", [0.0] * (len(RATIOS) - 1), [0.0] * (len(RATIOS) + 1)])
def test_logs_that_are_none_make_the_whole_unreadable(logs: JSON) -> None:
    assert read(facts([3, 1, 0, 1, 0, logs, [0.0] * len(RATIOS)]), KEY) is None


def test_logs_are_told_to_three_places() -> None:
    told = Fact(3, (1, 0), (1, 0), (0.12345,) * len(RATIOS)).told()
    assert told == [3, 1, 0, 1, 0, [0.123] * len(RATIOS), [0.0] * len(RATIOS)]
