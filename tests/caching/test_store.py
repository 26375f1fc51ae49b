"""A memory that grows, or that finds what is older than it was asked for."""

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from fastapi_app.caching.figures import figures
from fastapi_app.caching.store import LARGEST_SHARE, Store


def test_only_the_very_version_is_found() -> None:
    store = Store(1000)
    store.put("videos", 1, "then", "old", 10)
    assert store.get("videos", 1, "now") is None
    assert store.get("videos", 1, "then") == "old"
    store.put("videos", 1, "now", "new", 10)
    assert store.get("videos", 1, "then") is None
    assert store.get("videos", 1, "now") == "new"
    assert store.tallies["videos"].entries == 1


def test_what_was_not_asked_for_the_longest_makes_room() -> None:
    store = Store(100)
    for number in range(10):
        store.put("videos", number, 0, number, 10)
    assert store.get("videos", 0, 0) == 0
    store.put("artists", 0, 0, "new", 10)
    assert store.get("videos", 1, 0) is None
    assert store.get("videos", 0, 0) == 0
    assert store.tallies["videos"].evictions == 1


def test_one_answer_does_not_drive_out_all_others() -> None:
    store = Store(100)
    store.put("videos", "small", 0, "small", 10)
    store.put("videos", "large", 0, "large", 100 // LARGEST_SHARE + 1)
    assert store.get("videos", "large", 0) is None
    assert store.get("videos", "small", 0) == "small"


def test_figures_tell_what_was_spared() -> None:
    store = Store(100)
    assert figures(store.tallies) == []
    store.get("videos", 1, 0)
    store.put("videos", 1, 0, "x", 10)
    store.get("videos", 1, 0)
    store.tally("videos").unchanged += 2
    (found,) = figures(store.tallies)
    assert (found.cache, found.hits, found.misses, found.unchanged, found.rate) == ("videos", 1, 1, 2, 0.75)
    assert (found.entries, found.size) == (1, 10)


_CACHES = st.sampled_from(["videos", "artists"])
_STEPS = st.tuples(_CACHES, st.integers(0, 5), st.integers(0, 2), st.integers(0, 40))


@given(st.lists(_STEPS, max_size=25))
def test_it_holds_no_more_than_it_may_and_nothing_but_what_was_put_last(
    steps: list[tuple[str, int, int, int]],
) -> None:
    store = Store(80)
    last: OrderedDict[tuple[str, int], tuple[int, int]] = OrderedDict()
    for number, (cache, question, version, size) in enumerate(steps):
        store.put(cache, question, version, number, size)
        last[cache, question] = (version, number)
        assert sum(tally.size for tally in store.tallies.values()) <= 80
        for (name, asked), (known, value) in last.items():
            assert store.get(name, asked, known) in {None, value}
            assert store.get(name, asked, known + 1) is None
    assert all(tally.entries >= 0 and tally.size >= 0 for tally in store.tallies.values())
