"""What is shrunk still shows the mismatch, and nothing simpler does."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.parity.recording import Recording
from router.replay.edits import numbers, simpler, subsets, texts, values
from router.replay.line import as_line
from router.replay.shrinking import Shrunk, shrinking
from tests.router.replay.recordings import recording

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2000, 2000), st.text("abc09", max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("abc", max_size=2), inner, max_size=4)
    ),
    max_leaves=12,
)


def shrink(first: Any, edits: Any, text: Any, holds: Callable[[Any], bool], questions: int = 10_000) -> Shrunk[Any]:
    """With every question answered."""
    steps = shrinking(first, edits, text, questions)
    try:
        batch = next(steps)
        while True:
            batch = steps.send([holds(one) for one in batch])
    except StopIteration as end:
        shrunk: Shrunk[Any] = end.value
        return shrunk


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


PROPERTIES: list[Callable[[Any], bool]] = [
    lambda value: True in [leaf is True for leaf in leaves(value)],
    lambda value: any(isinstance(leaf, int) and leaf > 100 for leaf in leaves(value)),
    lambda value: any(isinstance(leaf, str) and "b" in leaf for leaf in leaves(value)),
    lambda value: isinstance(value, dict) and len(value) >= 2,
    lambda value: len(leaves(value)) >= 3,
]


@given(JSON, st.sampled_from(PROPERTIES))
@settings(max_examples=200)
def test_a_value_keeps_its_property_and_nothing_simpler_has_it(value: Any, has: Callable[[Any], bool]) -> None:
    if not has(value):
        return
    shrunk = shrink(value, values, repr, has)
    assert has(shrunk.thing)
    assert shrunk.is_minimal
    rank = (len(repr(shrunk.thing)), repr(shrunk.thing))
    assert [one for one in values(shrunk.thing) if (len(repr(one)), repr(one)) < rank and has(one)] == []


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.text("xyz0", max_size=5), min_size=1), st.data())
def test_of_the_parameters_those_that_matter_are_left(parameters: dict[str, str], data: st.DataObject) -> None:
    needed = data.draw(st.sets(st.sampled_from(sorted(parameters)), max_size=3))
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    first = recording(path=f"/a?{query}", headers={"accept": "x", "range": "y"}, auth="admin")

    def holds(one: Recording) -> bool:
        return needed <= {name for name, _ in parse_qsl(one.path.partition("?")[2], keep_blank_values=True)}

    shrunk = shrink(first, simpler, as_line, holds).thing
    assert (shrunk.headers, shrunk.auth) == ({}, "none")
    left = parse_qsl(shrunk.path.partition("?")[2], keep_blank_values=True)
    assert sorted(name for name, _ in left) == sorted(needed)
    assert all(value == "" for _, value in left)


def test_a_threshold_is_found_within_few_questions() -> None:
    shrunk = shrink(1_000_000, numbers, str, lambda number: number > 1234)
    assert (shrunk.thing, shrunk.is_minimal) == (1235, True)
    assert shrunk.questions < 300


def test_questions_are_bounded_and_what_was_reached_is_said_not_to_be_minimal() -> None:
    asked: list[Any] = []

    def holds(value: Any) -> bool:
        asked.append(value)
        return "7" in value

    shrunk = shrink("0123456789" * 20, texts, str, holds, 12)
    assert len(asked) == shrunk.questions == 12
    assert not shrunk.is_minimal
    assert "7" in shrunk.thing


def test_nobody_to_ask_ends_it() -> None:
    steps = shrinking(5, numbers, str, 100)
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send([])
    assert end.value.value == Shrunk(5, 0, False)


@given(st.lists(st.integers(), max_size=12, unique=True))
def test_subsets_are_smaller_in_order_and_leave_out_each_one(items: list[int]) -> None:
    found = list(subsets(items))
    assert all(len(one) < len(items) and one == [item for item in items if item in one] for one in found)
    for item in items:
        assert [other for other in items if other != item] in found


@given(st.integers())
def test_numbers_come_nearer_to_zero(number: int) -> None:
    assert all(abs(one) < abs(number) or one == -number for one in numbers(number))


@pytest.mark.parametrize("body", [{"multipart": [{"name": "a"}, {"name": "b"}]}, {"form": {"a": "1"}}, {"raw": "text"}])
def test_every_kind_of_body_gets_smaller(body: Any) -> None:
    found = [one.body for one in simpler(recording(method="POST", body=body))]
    assert None in found
    assert all(one is None or list(one) == list(body) for one in found)
    assert len(found) > 1


def test_a_path_keeps_its_segments() -> None:
    found = {one.path for one in simpler(recording(path="/a/12/%C3%A4b?x=1"))}
    assert {"/a/0/%C3%A4b?x=1", "/a/12/b?x=1", "/a/12/%C3%A4?x=1"} <= found
    assert all(path.count("/") == 3 for path in found)
