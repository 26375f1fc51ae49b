"""The search for how many visitors there can be finds the edge, asks no more than it needs, and always ends."""

import pytest

from benchmarks.visitors import Trial, capacity, searched


def asking(edge: int, asked: list[int]) -> object:
    def ask(visitors: int) -> Trial:
        asked.append(visitors)
        return Trial(visitors, visitors / 5, 100.0 if visitors <= edge else 400.0)

    return ask


@pytest.mark.parametrize("edge", [8, 9, 100, 777, 1023, 1024, 1025, 5_000])
def test_it_finds_the_edge(edge: int) -> None:
    asked: list[int] = []
    trials = searched(asking(edge, asked), limit=250.0, fewest=8, most=20_000, exactness=0.05)  # type: ignore[arg-type]
    assert 0.9 * edge <= capacity(trials, 250.0) <= edge
    assert len(asked) < 20
    assert asked == [one.visitors for one in trials]


def test_a_server_for_whom_one_is_too_many_has_room_for_none() -> None:
    trials = searched(asking(0, []), limit=250.0, fewest=8, most=20_000, exactness=0.05)  # type: ignore[arg-type]
    assert capacity(trials, 250.0) == 0
    assert len(trials) < 6


def test_the_search_ends_at_the_most() -> None:
    trials = searched(asking(10**9, []), limit=250.0, fewest=8, most=1_000, exactness=0.05)  # type: ignore[arg-type]
    assert capacity(trials, 250.0) == 1_000
    assert trials[0].visitors == 8


def test_visitors_who_were_never_answered_are_too_many() -> None:
    assert not Trial(10, 2.0, None).holds(250.0)
    assert not Trial(10, 2.0, 250.1).holds(250.0)
    assert Trial(10, 2.0, 250.0).holds(250.0)
