"""Positions keep their order whatever is moved where."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fastapi_app.playlists.places import STEP, Neighbour, between, room


def test_without_room_nothing_is_squeezed_in() -> None:
    assert between(Neighbour(7, 1), Neighbour(8, 2), 1) is None
    assert between(Neighbour(7, 1), Neighbour(7, 2), 1) is None
    assert between(Neighbour(7, 1), Neighbour(9, 2), 1) == [8]
    assert between(Neighbour(0, 1), Neighbour(3, 2), 3) is None


def test_the_ends_always_have_room() -> None:
    assert between(None, None, 2) == [STEP, 2 * STEP]
    assert between(Neighbour(5, 1), None, 1) == [5 + STEP]
    assert between(None, Neighbour(5, 1), 2) == [5 - 2 * STEP, 5 - STEP]


@given(st.integers(-(2**40), 2**40), st.integers(0, 2**24), st.integers(1, 500))
@settings(max_examples=50, deadline=None)
def test_what_is_put_in_stands_between_its_neighbours(start: int, gap: int, count: int) -> None:
    before, after = Neighbour(start, 1), Neighbour(start + gap, 2)
    places = between(before, after, count)
    if places is None:
        assert gap <= count
        after = Neighbour(after.position + room(count), 2)
        places = between(before, after, count)
    assert places is not None
    assert len(places) == count
    assert [start, *places, after.position] == sorted({start, *places, after.position})
