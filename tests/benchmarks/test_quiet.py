"""A busy machine is refused before the start; who insists gets figures, marked."""

import os
from collections.abc import Callable, Iterator

import pytest

from benchmarks.quiet import Noisy, Quiet, calibrated


def taking(*seconds: float) -> Callable[[], float]:
    given: Iterator[float] = iter(seconds)
    return lambda: next(given)


def watching(*seconds: float, even_if: bool = False, waited: list[float] | None = None) -> Quiet:
    return Quiet(even_if, taking(*seconds), (waited if waited is not None else []).append)


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


def test_looking_refuses_nothing() -> None:
    quiet = watching(1.0, 5.0)
    assert [quiet.look(), quiet.look()] == quiet.calibrations == [1.0, 5.0]
    assert not quiet.noise


def test_whoever_insists_gets_marked_figures() -> None:
    quiet = watching(even_if=True)
    quiet.begin(lambda: 9.0, 0.5, 60.0)
    (told,) = quiet.noise
    assert "load average is 9.0" in told


def test_the_same_work_takes_time_and_leaves_the_process_where_it_was() -> None:
    before = os.sched_getaffinity(0)
    assert 0 < calibrated(min(before)) < 5
    assert os.sched_getaffinity(0) == before
