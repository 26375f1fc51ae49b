"""A busy machine is refused before the start and between rounds; whoever insists gets figures that are marked."""

import os
from collections.abc import Callable, Iterator

import pytest

from benchmarks.quiet import Noisy, Quiet, calibrated


def taking(*seconds: float) -> Callable[[], float]:
    given: Iterator[float] = iter(seconds)
    return lambda: next(given)


def test_a_busy_machine_is_refused_before_the_start() -> None:
    with pytest.raises(Noisy, match=r"load average is 1\.3"):
        Quiet(0.1, even_if=False, calibrate=taking()).begin(1.3, 0.5)
    Quiet(0.1, even_if=False, calibrate=taking()).begin(0.5, 0.5)


@pytest.mark.parametrize(("later", "told"), [(1.12, r"\+12%"), (0.85, "-15%")])
def test_a_pace_that_changes_between_rounds_ends_the_part(later: float, told: str) -> None:
    quiet = Quiet(0.1, even_if=False, calibrate=taking(1.0, 1.05, later))
    quiet.look()
    quiet.look()
    with pytest.raises(Noisy, match=told):
        quiet.look()


def test_the_beginning_is_what_counts_so_that_a_slow_drift_is_found() -> None:
    quiet = Quiet(0.1, even_if=False, calibrate=taking(1.0, 1.06, 1.12))
    quiet.look()
    quiet.look()
    with pytest.raises(Noisy):
        quiet.look()


def test_whoever_insists_gets_marked_figures() -> None:
    quiet = Quiet(0.1, even_if=True, calibrate=taking(1.0, 2.0))
    quiet.begin(9.0, 0.5)
    quiet.look()
    quiet.look()
    assert len(quiet.noise) == 2
    assert quiet.calibrations == [1.0, 2.0]


def test_the_same_work_takes_time_and_leaves_the_process_where_it_was() -> None:
    before = os.sched_getaffinity(0)
    assert 0 < calibrated(min(before)) < 5
    assert os.sched_getaffinity(0) == before
