"""A promise is kept by the median of paired rounds, and a figure that can't be trusted says so."""

from dataclasses import replace

import pytest

from benchmarks.generator import Outcome
from benchmarks.targets import Cell, Ratio, at_least, at_most, doubts, ratio

CALM = Outcome(answers=100, rate=100.0, p50=1, p90=2, p99=3, worst=4, busy=0.3, late_p99=0.1)


def cell(name: str, *rates: float, load: str = "json", server_busy: float = 1.0) -> Cell:
    return Cell(load, name, tuple(replace(CALM, rate=rate) for rate in rates), (server_busy,) * len(rates))


def opinion(median: float) -> Ratio:
    return Ratio("GET /json", "the load generator", "wrk", median, median, median)


def cells(*given: Cell) -> dict[tuple[str, str], Cell]:
    return {(one.load, one.contender): one for one in given}


def test_rounds_are_compared_one_by_one() -> None:
    """The machine slowed down during the second round: for both alike."""
    found = ratio(cells(cell("ours", 200, 20, 300), cell("control", 100, 10, 100)), "json", "ours", ["control"])
    assert (found.median, found.least, found.most) == (2.0, 2.0, 3.0)


def test_the_faster_control_counts() -> None:
    found = ratio(cells(cell("ours", 300), cell("slow", 100), cell("fast", 200)), "json", "ours", ["slow", "fast"])
    assert (found.control, found.median) == ("fast", 1.5)


def test_a_control_that_did_not_take_part_is_left_out() -> None:
    found = ratio(cells(cell("ours", 300), cell("there", 100)), "json", "ours", ["there", "missing"])
    assert found.control == "there"


@pytest.mark.parametrize(("ours", "holds"), [(150, True), (149, False)])
def test_a_target_is_reached_or_it_is_not(ours: float, holds: bool) -> None:
    verdict = at_least(ratio(cells(cell("ours", ours), cell("control", 100)), "json", "ours", ["control"]), 1.5)
    assert verdict.holds is holds
    assert "json: ours vs control" in verdict.promise


@pytest.mark.parametrize(("cost", "holds"), [(120.0, True), (120.1, False)])
def test_a_cost_stays_below_its_target_or_it_does_not(cost: float, holds: bool) -> None:
    assert at_most("the bridge adds", cost, 120).holds is holds


def test_calm_figures_raise_no_doubt() -> None:
    steady = ratio(cells(cell("again", 100), cell("control", 99)), "json", "again", ["control"])
    offered = cell("ours", 100, load="json at 100/s", server_busy=0.2)
    assert doubts(cells(cell("ours", 100), offered), steady, opinion(1.05), load_before=0.1) == []
    assert doubts(cells(cell("ours", 100), offered), steady, None, load_before=0.1) == []


def test_every_reason_for_doubt_is_told() -> None:
    unsteady = ratio(cells(cell("again", 80), cell("control", 100)), "json", "again", ["control"])
    idle = cell("idle", 100, server_busy=0.5)
    busy = Cell("json", "busy", (replace(CALM, busy=0.95),), (1.0,))
    late = Cell("json at 100/s", "late", (replace(CALM, late_p99=5.0),), (0.1,))
    told = doubts(cells(idle, busy, late), unsteady, opinion(0.8), load_before=2.0)
    words = (
        "not quiet",
        "against itself",
        "0.80× of what wrk",
        "idle: the server used 50%",
        "busy: the generator was too busy",
        "5.0 ms late",
    )
    assert len(told) == len(words)
    assert all(word in sentence for word, sentence in zip(words, told, strict=True))
