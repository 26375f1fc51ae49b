"""The benchmark's figures can be trusted: its traffic is what it says, and its rival is tested as it would test."""

import json
import random
from itertools import pairwise
from math import comb
from pathlib import Path

import pytest

from benchmarks import rollback
from benchmarks.raw import keep
from benchmarks.rollback import Found, Mistakes, seconds, simulate, watch_broken, watch_sound
from benchmarks.rollback_live import visitors
from benchmarks.rollback_traffic import Traffic, requests
from benchmarks.rollback_window import Window, fisher


def test_the_traffic_is_what_it_says() -> None:
    traffic = Traffic(100.0, control=0.05, candidate=0.2, share=0.1)
    seen = list(requests(traffic, 600.0, random.Random(1)))
    candidate = [one for one in seen if one.is_candidate]
    control = [one for one in seen if not one.is_candidate]
    assert len(seen) == pytest.approx(60_000, rel=0.02)
    assert len(candidate) == pytest.approx(6_000, rel=0.05)
    assert sum(one.fault for one in candidate) / len(candidate) == pytest.approx(0.2, rel=0.1)
    assert sum(one.fault for one in control) / len(control) == pytest.approx(0.05, rel=0.1)
    assert not {one.unit for one in candidate} & {one.unit for one in control}
    assert all(one.at <= other.at for one, other in pairwise(seen))


def test_outages_hit_both_sides() -> None:
    traffic = Traffic(100.0, outage_every=20.0, share=0.5, control=0.0, candidate=0.0)
    failed = [one for one in requests(traffic, 300.0, random.Random(2)) if one.fault]
    assert len(failed) > 500
    assert sum(one.is_candidate for one in failed) / len(failed) == pytest.approx(0.5, abs=0.1)


def test_a_late_fault_begins_late() -> None:
    traffic = Traffic(50.0, control=0.0, candidate=0.0, late=30.0, candidate_late=1.0)
    assert all(one.fault is (one.is_candidate and one.at >= 30.0) for one in requests(traffic, 60.0, random.Random(3)))


@pytest.mark.parametrize(("candidate", "faults", "control", "others"), [(10, 3, 40, 1), (5, 5, 5, 0), (8, 1, 8, 7)])
def test_fisher_s_test_is_the_sum_of_its_terms(candidate: int, faults: int, control: int, others: int) -> None:
    drawn = faults + others
    exact = sum(
        comb(candidate, mine) * comb(control, drawn - mine) / comb(candidate + control, drawn)
        for mine in range(faults, min(candidate, drawn) + 1)
    )
    assert fisher(candidate, faults, control, others) == pytest.approx(exact)


def test_the_windowed_test_looks_every_ten_seconds() -> None:
    window = Window()
    tripped = [n / 10 for n in range(300) if window.add(n / 10, n % 10 == 0, n % 10 == 0)]
    assert tripped == [10.0, 20.0]


def test_a_broken_route_is_found_and_the_same_seed_finds_the_same() -> None:
    traffic = Traffic(100.0, late=0.0, candidate_late=0.5)
    first = simulate(traffic, 60.0, random.Random(4))
    assert first == simulate(traffic, 60.0, random.Random(4))
    assert first.ours is not None
    assert first.ours < 5.0


def test_runs_are_summed_up() -> None:
    sound = watch_sound("quiet", Traffic(0.5), 2, seed=1)
    assert (sound.hours, sound.ours) == (2, 0)
    broken = watch_broken(0.5, 10.0, 0.0, 3, seed=1)
    assert len(broken.ours) == len(broken.window) == 3
    assert None not in broken.ours


def test_waits_are_told_with_those_missed() -> None:
    assert seconds([None, None, None]) == "missed, missed; 0 of 3"
    assert seconds([1.0, 1.0, 1.0, None]).startswith("1.0, ")
    assert seconds([2.0]) == "2.0"
    assert seconds([]) == "-"


def test_figures_are_kept(tmp_path: Path) -> None:
    mistakes = [Mistakes("1 %", 1.0, 2, 0, 1, {})]
    found = [Found(0.5, 1.0, 0.0, (1.0, None), (2.0, 3.0), {"burst": 1})]
    rollback.mistakes_table(mistakes)
    rollback.found_table(found)
    document = json.loads(keep("rollback", rollback.figures(mistakes, found, 1.0, 1), tmp_path).read_text())
    assert document["found"][0]["ours"] == [1.0, None]
    assert document["mistakes"][0]["window"] == 1


def test_every_visitor_is_another_one() -> None:
    assert len(set(visitors("/a", 50))) == 50
