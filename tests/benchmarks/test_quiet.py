"""A busy machine is refused before the start, a round that it disturbed is taken again; who insists gets it, marked."""

import os
from collections.abc import Callable, Iterator

import pytest

from benchmarks.quiet import Noisy, Quiet, calibrated


def taking(*seconds: float) -> Callable[[], float]:
    given: Iterator[float] = iter(seconds)
    return lambda: next(given)


def watching(*seconds: float, tries: int = 3, even_if: bool = False, waited: list[float] | None = None) -> Quiet:
    return Quiet(0.1, tries, even_if, taking(*seconds), (waited if waited is not None else []).append)


def test_a_busy_machine_is_refused_before_the_start() -> None:
    with pytest.raises(Noisy, match=r"load average is 1\.3"):
        watching().begin(lambda: 1.3, 0.5, 0.0)
    watching().begin(lambda: 0.5, 0.5, 0.0)


def test_a_machine_may_become_quiet_for_so_long() -> None:
    waited: list[float] = []
    watching(waited=waited).begin(taking(2.0, 1.0, 0.4), 0.5, 60.0)
    assert len(waited) == 2
    with pytest.raises(Noisy, match=r"load average is 2\.0"):
        watching(waited=waited).begin(lambda: 2.0, 0.5, 60.0)
    assert sum(waited) < 80.0


@pytest.mark.parametrize("later", [1.12, 0.85])
def test_a_round_during_which_the_pace_changed_is_taken_again(later: float) -> None:
    quiet = watching(1.0, later, later, later)
    assert quiet.steady(taking(7.0, 8.0)) == 8.0
    assert quiet.repeated == 1
    assert not quiet.noise
    assert quiet.calibrations == [1.0, later, later, later]


def test_a_round_at_an_even_pace_is_taken_once() -> None:
    quiet = watching(1.0, 1.09)
    assert quiet.steady(taking(7.0)) == 7.0
    assert quiet.repeated == 0


def test_a_drift_between_rounds_is_no_noise() -> None:
    quiet = watching(1.0, 1.05, 1.3, 1.35, 1.9, 1.8)
    assert [quiet.steady(taking(number)) for number in (1.0, 2.0, 3.0)] == [1.0, 2.0, 3.0]
    assert quiet.repeated == 0
    assert not quiet.noise


def test_a_round_is_begun_so_often_and_no_oftener() -> None:
    quiet = watching(1.0, 1.5, 1.0, 1.5, 1.0, 1.0, *[1.0, 1.15] * 3)
    assert quiet.steady(taking(1.0, 2.0, 3.0)) == 3.0
    with pytest.raises(Noisy, match=r"\+15% longer .*, at the last of 3 tries"):
        quiet.steady(taking(4.0, 5.0, 6.0, 7.0))
    assert quiet.repeated == 5


def test_a_round_that_fails_is_not_taken_again() -> None:
    with pytest.raises(StopIteration):
        watching(1.0, 1.0).steady(taking())


def test_looking_refuses_nothing() -> None:
    quiet = watching(1.0, 5.0)
    assert [quiet.look(), quiet.look()] == quiet.calibrations == [1.0, 5.0]
    assert not quiet.noise
    assert quiet.repeated == 0


def test_whoever_insists_gets_marked_figures() -> None:
    quiet = watching(1.0, 2.0, even_if=True)
    quiet.begin(lambda: 9.0, 0.5, 60.0)
    assert quiet.steady(taking(7.0)) == 7.0
    assert len(quiet.noise) == 2
    assert "+100%" in quiet.noise[1]
    assert quiet.calibrations == [1.0, 2.0]
    assert quiet.repeated == 0


def test_the_same_work_takes_time_and_leaves_the_process_where_it_was() -> None:
    before = os.sched_getaffinity(0)
    assert 0 < calibrated(min(before)) < 5
    assert os.sched_getaffinity(0) == before
