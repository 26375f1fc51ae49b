"""Figures of the last minutes: made of differences, summed over workers, and short enough for a beat."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration_flags import JSON, ChangeRefused, Worker
from migration_flags.change import EVIDENCE_LENGTH
from migration_flags.stores.memory import MemoryStore
from router.heart import Heart
from router.metrics import BUCKETS
from router.row import Side
from router.traffic import LENGTH, NAME, WINDOW, Figures, added, heard, quantile, told
from router.traffic_window import Counted, Window

SIZE = len(BUCKETS) + 1

counts = st.lists(st.integers(0, 10**6), min_size=SIZE, max_size=SIZE).map(tuple)
figures = st.builds(Figures, st.integers(0, 10**9), st.integers(0, 10**9), counts)
traffic = st.dictionaries(
    st.sampled_from(["GET /a", "GET /b/{id}", "POST /c"]),
    st.dictionaries(st.sampled_from([Side.LEGACY, Side.MODERN]), figures),
)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counting:
    """What a router counts, as totals."""

    def __init__(self) -> None:
        self.series: dict[tuple[str, Side, int], Counted] = {}
        self.fallbacks: dict[str, int] = {}
        self.blamed: Side | None = None
        self.clock = Clock()
        self.window = Window(lambda: self.series, lambda: self.fallbacks, lambda _key: self.blamed, self.clock)

    def ask(self, key: str, side: Side, status: int, times: int = 1, bucket: int = 3) -> None:
        before = self.series.get((key, side, status), Counted((0,) * SIZE, 0.0))
        counted = list(before.counts)
        counted[bucket] += times
        self.series[key, side, status] = Counted(tuple(counted), before.seconds + times * 0.01)

    def seen(self, key: str, side: Side) -> tuple[int, int]:
        self.window.look()
        found = self.window.figures().get(key, {}).get(side, Figures())
        return found.requests, found.faults


def test_what_was_counted_before_the_first_look_counts_and_then_only_what_is_new() -> None:
    counting = Counting()
    counting.ask("GET /a", Side.LEGACY, 2, 5)
    assert counting.seen("GET /a", Side.LEGACY) == (5, 0)
    assert counting.seen("GET /a", Side.LEGACY) == (5, 0)
    counting.ask("GET /a", Side.LEGACY, 2, 2)
    assert counting.seen("GET /a", Side.LEGACY) == (7, 0)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    counting = Counting()
    counting.ask("GET /a", Side.LEGACY, 2, 5)
    counting.seen("GET /a", Side.LEGACY)
    counting.clock.now += WINDOW / 2
    counting.ask("GET /a", Side.LEGACY, 2, 2)
    assert counting.seen("GET /a", Side.LEGACY) == (7, 0)
    counting.clock.now += WINDOW / 2 + 1
    assert counting.seen("GET /a", Side.LEGACY) == (2, 0)
    counting.clock.now += WINDOW
    assert counting.seen("GET /a", Side.LEGACY) == (0, 0)


def test_a_fault_is_a_5xx_and_a_4xx_is_none() -> None:
    counting = Counting()
    counting.ask("GET /a", Side.MODERN, 5, 2)
    counting.ask("GET /a", Side.MODERN, 4, 3)
    assert counting.seen("GET /a", Side.MODERN) == (5, 2)


def test_a_fallback_is_a_fault_of_modern_although_nobody_saw_it() -> None:
    counting = Counting()
    counting.ask("GET /a", Side.LEGACY, 2, 3)
    counting.fallbacks["GET /a"] = 3
    assert counting.seen("GET /a", Side.MODERN) == (3, 3)
    assert counting.seen("GET /a", Side.LEGACY) == (3, 0)


@pytest.mark.parametrize(
    ("blamed", "legacy", "modern"),
    [(Side.LEGACY, (2, 2), (0, 0)), (Side.MODERN, (0, 0), (2, 2)), (None, (0, 0), (0, 0))],
)
def test_what_the_router_had_to_answer_is_the_fault_of_who_was_asked(
    blamed: Side | None, legacy: tuple[int, int], modern: tuple[int, int]
) -> None:
    counting = Counting()
    counting.blamed = blamed
    counting.ask("GET /a", Side.ROUTER, 5, 2)
    counting.ask("GET /a", Side.ROUTER, 4, 9)
    assert (counting.seen("GET /a", Side.LEGACY), counting.seen("GET /a", Side.MODERN)) == (legacy, modern)


def test_the_window_holds_no_more_than_its_slots() -> None:
    counting = Counting()
    for _ in range(500):
        counting.ask("GET /a", Side.LEGACY, 2)
        counting.clock.now += 5
        counting.window.look()
    assert 60 <= counting.seen("GET /a", Side.LEGACY)[0] <= 62
    assert len(counting.window._slots) <= 32


def test_quantiles_are_those_of_prometheus() -> None:
    buckets = [0] * SIZE
    assert quantile(0.5, buckets) is None
    buckets[2] = 10
    assert quantile(0.5, buckets) == pytest.approx((BUCKETS[1] + BUCKETS[2]) / 2)
    assert quantile(1.0, buckets) == BUCKETS[2]
    buckets[0] = 10
    assert quantile(0.25, buckets) == pytest.approx(BUCKETS[0] / 2)
    buckets = [0] * SIZE
    buckets[-1] = 3
    assert quantile(0.5, buckets) == BUCKETS[-1]


@given(counts)
def test_quantiles_never_cross(buckets: tuple[int, ...]) -> None:
    half, most = quantile(0.5, buckets), quantile(0.95, buckets)
    assert (half is None) is (most is None) is not any(buckets)
    assert half is None or most is None or 0 <= half <= most <= BUCKETS[-1]


@given(traffic)
def test_what_is_told_is_heard(one: dict[str, dict[Side, Figures]]) -> None:
    fact = json.loads(json.dumps(told(one)))
    assert heard(fact, ["GET /a", "GET /b/{id}", "POST /c", "GET /unknown"]) == one


@given(traffic, traffic)
def test_sums_are_the_same_in_any_order(
    one: dict[str, dict[Side, Figures]], other: dict[str, dict[Side, Figures]]
) -> None:
    assert added([one, other]) == added([other, one])
    assert added([one, {}]) == one


def test_too_much_to_tell_leaves_out_the_least_asked() -> None:
    most = {f"GET /{number}": {Side.LEGACY: Figures(number, 0, (number,) * SIZE)} for number in range(5000)}
    fact = told(most)
    assert len(json.dumps(fact, separators=(",", ":"))) <= LENGTH + 100
    known = heard(fact, most)
    assert "GET /4999" in known
    assert "GET /1" not in known


@pytest.mark.parametrize("fact", [None, 5, "x", {}, {"buckets": 3, "routes": {}}, {"buckets": SIZE, "routes": []}])
def test_what_another_version_tells_is_passed_over(fact: JSON) -> None:
    assert heard(fact, ["GET /a"]) == {}


@pytest.mark.parametrize("text", ["", "x", "1:2", "1:2:3:a", "a:b:c:d|", "|", "1:1:99:1,1", "||||"])
def test_what_can_not_be_read_is_passed_over(text: str) -> None:
    fact = told({"GET /a": {Side.LEGACY: Figures(1, 0, (1,) * SIZE)}})
    assert isinstance(fact, dict)
    routes = dict.fromkeys(fact["routes"], text)
    for sides in heard({"buckets": SIZE, "routes": routes}, ["GET /a"]).values():
        assert all(len(one.buckets) == SIZE for one in sides.values())


class Picky(MemoryStore):
    """Takes no long beats, and counts them."""

    def beat(self, worker: Worker) -> None:
        if len(json.dumps(dict(worker.facts))) > EVIDENCE_LENGTH:
            raise ChangeRefused("too long")
        super().beat(worker)


def test_too_much_traffic_never_costs_what_the_rollback_tells() -> None:
    store = Picky()
    heart = Heart(store, lambda: {"rollback": {"GET /a": [1, 2, 3]}, NAME: "x" * 200_000})
    heart.beat(1)
    assert store.workers()[0].facts == {"rollback": {"GET /a": [1, 2, 3]}}
