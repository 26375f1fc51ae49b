"""Sums of several processes, and files that a killed worker left in the middle of something."""

import json
import math
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from fastapi_app.metrics.family import Family, Told, families, from_text, lasting, merged, to_text
from fastapi_app.metrics.folder import Folder
from fastapi_app.metrics.group import Process


def counted(number: float, gauge: float = 0.0) -> list[Family]:
    return [
        Family(
            "toy", "counter", "Text.", {("toy_total", (("a", "1"),)): number, ("toy_created", (("a", "1"),)): number}
        ),
        Family("level", "gauge", "Text.", {("level", ()): gauge}),
    ]


def value(found: list[Family], name: str) -> float | None:
    return next((number for one in found for (sample, _), number in one.values.items() if sample == name), None)


def test_counters_add_up_and_gauges_do_not() -> None:
    found = merged([counted(3, 5), counted(4, 2), []])
    assert (value(found, "toy_total"), value(found, "level")) == (7, 5)
    assert value(found, "toy_created") == 3, "since the first of them"


def test_only_what_was_counted_outlives_a_process() -> None:
    assert [one.name for one in lasting(counted(3))] == ["toy"]


numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(st.lists(st.dictionaries(st.tuples(st.just("toy_total"), st.just(()) | st.just((("a", "ü"),))), numbers)))
def test_what_is_written_is_read(values: list[dict[tuple[str, tuple[tuple[str, str], ...]], float]]) -> None:
    told = [Family(f"toy{number}", "counter", "Text.", each) for number, each in enumerate(values)]
    assert from_text(to_text(told)) == told


@pytest.mark.parametrize("text", ["", "{}x", "[1]", '[["a"]]', "3"])
def test_what_was_not_written_by_us_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_text(text)


def test_prometheus_reads_the_same_before_and_after() -> None:
    registry = CollectorRegistry()
    Counter("toy", 'Te"xt\n.', ("a",), registry=registry).labels('b"\n').inc()
    Histogram("seconds", "Text.", ("a",), registry=registry).labels("x").observe(2)
    Gauge("level", "Text.", registry=registry).set(math.inf)
    again = CollectorRegistry()
    again.register(Told(from_text(to_text(families(registry.collect())))))
    assert generate_latest(again) == generate_latest(registry)


@pytest.fixture
def ended() -> Process:
    """A process that is gone."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        found = Process.of(process.pid)
        process.communicate(b"\n")
    return found


@pytest.fixture
def living() -> Iterator[Process]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield Process.of(process.pid)
        process.communicate(b"\n")


def folder(path: Path, own: Process) -> Folder:
    made = Folder(path, Process.of(1), own)
    made.open()
    return made


def test_what_an_ended_worker_counted_is_counted_once_and_for_ever(
    tmp_path: Path, ended: Process, living: Process
) -> None:
    folder(tmp_path, ended).write(counted(3, 9))
    own = Process.of(1)
    here, there = folder(tmp_path, own), folder(tmp_path, living)
    there.write(counted(10, 1))
    for _ in range(3):
        found = merged(here.others())
        assert (value(found, "toy_total"), value(found, "level")) == (13, 1)
    assert value(merged(there.others()), "toy_total") == 3
    assert not list(tmp_path.glob(f"*/*/{ended}.json"))


def test_a_kill_between_the_sum_and_the_removal_counts_nothing_twice(
    tmp_path: Path, ended: Process, living: Process
) -> None:
    here = folder(tmp_path, living)
    folder(tmp_path, ended).write(counted(3))
    left = next(tmp_path.glob(f"*/*/{ended}.json"))
    text = left.read_text()
    here.others()
    left.write_text(text)
    assert value(merged(here.others()), "toy_total") == 3
    assert not left.exists()


def test_a_draft_that_a_killed_worker_left_is_not_read(tmp_path: Path, ended: Process, living: Process) -> None:
    here = folder(tmp_path, living)
    (tmp_path / platform.node() / str(Process.of(1)) / f".{ended}.json.7").write_text("[[")
    assert merged(here.others()) == []


def test_the_same_number_given_to_another_process_is_another_process(living: Process) -> None:
    assert living.lives
    assert not Process(living.pid, living.began + 1).lives
    assert Process.named(str(living)) == living
    assert Process.named("ended") is None
    assert json.loads(to_text([])) == []


def test_the_folders_of_other_machines_stay_until_nobody_wrote_for_a_day(tmp_path: Path, living: Process) -> None:
    """Two containers may share a volume: each is process 1 in its own, and sees nothing of the other."""
    fresh, old = (tmp_path / node / str(Process(1, 1)) for node in ("fresh", "old"))
    for theirs in (fresh, old):
        theirs.mkdir(parents=True)
    os.utime(old, (0, 0))
    here = folder(tmp_path, living)
    assert fresh.is_dir()
    assert not old.parent.exists()
    here.write(counted(1))
    assert merged(here.others()) == []
