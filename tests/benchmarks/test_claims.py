"""A verdict is computed from raw results and from nothing else; what was not measured is said not to have been."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bench import parts_of
from benchmarks.claims import FILE, Claim, Row, Standing, figure, judged, read_claims, sentence
from benchmarks.findings import MEASURES, interval, paired
from benchmarks.mixes import read_mixes
from benchmarks.reading import BadPlan
from benchmarks.results_folder import ResultsFolder

RECORDED = Path(__file__).parent / "recorded"


def rows(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, Row]:
    return {row.claim.name: row for row in judged(read_claims(), parts)}


def recorded() -> dict[str, dict[str, Any]]:
    return ResultsFolder(RECORDED).parts()


def claim(target: float, **more: Any) -> Claim:
    return Claim("a", "claim", "b", {"kind": "rates", "part": "list"}, target, **more)


def test_every_claim_of_the_issue_and_every_target_of_the_design_has_a_row() -> None:
    claims = read_claims()
    assert sum(one.origin == "claim" for one in claims) == 13
    assert sum(one.origin == "target" for one in claims) >= 22
    assert len({one.name for one in claims}) == len(claims)


def test_every_measure_reads_a_part_that_exists() -> None:
    known = parts_of(read_mixes())
    for one in read_claims():
        assert not one.measure or one.part in known, one.name
    assert {one.measure["kind"] for one in read_claims() if one.measure} == set(MEASURES)


def test_nothing_is_found_in_no_results() -> None:
    found = rows({})
    assert {row.standing for row in found.values()} == {Standing.UNMEASURED, Standing.COMING, Standing.NO_FIGURE}
    assert found["Database 3×"].sentence == "not measured in this run: part list"
    assert "processing of media" in found["Images, 5×"].sentence
    assert "docs/blocking.md" in found["100 % of blocking I/O resolved"].sentence


def test_ours_is_held_against_the_faster_control_round_by_round() -> None:
    row = rows(recorded())["Listing of 50 with artists on MariaDB"]
    assert row.finding is not None
    assert row.finding.control == "gunicorn"
    assert (row.finding.value, row.finding.least, row.finding.most) == (7.0, 6.0, 8.0)
    assert (row.finding.legacy, row.finding.modern) == (100.0, 700.0)
    assert row.standing is Standing.KEPT


def test_a_target_that_is_missed_says_by_how_much() -> None:
    row = rows(recorded())["100× capacity"]
    assert row.standing is Standing.MISSED
    assert row.sentence == f"missed by 81%: 19.0×, and 100× was promised. {row.claim.because}"


def test_the_leaner_control_counts_for_memory() -> None:
    row = rows(recorded())["Memory −30 %"]
    assert row.finding is not None
    assert row.finding.control == "werkzeug"
    assert row.finding.legacy == pytest.approx(100.0)
    assert row.finding.value == pytest.approx(55 / 105)
    assert row.standing is Standing.KEPT


def test_a_noisy_figure_is_marked() -> None:
    row = rows(recorded())["642 system commands a second"]
    assert row.is_noisy
    assert " (noisy). " in row.sentence


def test_the_worst_pause_counts_and_not_the_median() -> None:
    parts = recorded()
    for number, one in enumerate(parts["commands"]["cells"][1]["rounds"]):
        one["lag_ms"] = 5.0 + 20 * (number == 1)
    row = rows(parts)["Loop while commands of the system run"]
    assert row.finding is not None
    assert row.finding.value == 25.0


def test_the_smallest_run_measures_nothing() -> None:
    parts = recorded()
    parts["list"]["smallest"] = True
    assert rows(parts)["Database 3×"].standing is Standing.SMALLEST


def test_a_rollback_that_never_came_is_no_figure_to_be_proud_of() -> None:
    parts = recorded()
    assert rows(parts)["Broken route rolled back"].standing is Standing.KEPT
    parts["rollback-live"]["results"][0]["points"][0]["seconds"] = [1.0, None, 1.0]
    row = rows(parts)["Broken route rolled back"]
    assert row.standing is Standing.MISSED
    assert row.sentence == "missed: it never happened"


def test_a_contender_that_did_not_take_part_leaves_the_claim_unmeasured() -> None:
    parts = recorded()
    parts["list"]["cells"] = [one for one in parts["list"]["cells"] if one["contender"] != "hybrid-modern"]
    assert rows(parts)["Database 3×"].standing is Standing.UNMEASURED


@pytest.mark.parametrize("who", ["gunicorn", "hybrid-modern"])
def test_a_contender_that_failed_is_not_left_out_in_silence(who: str) -> None:
    parts = recorded()
    for one in parts["list"]["cells"]:
        if one["contender"] == who:
            one |= {"failed": "an answer began with 503", "rounds": []}
    assert rows(parts)["Database 3×"].standing is Standing.UNMEASURED


def test_why_a_target_is_missed_is_told_where_it_is_missed_only() -> None:
    held = replace(claim(3.0), because="The reason.")
    parts = recorded()
    assert judged([held], {"list": parts["list"]})[0].sentence == "kept"
    assert judged([replace(held, target=70.0)], parts)[0].sentence.endswith("was promised. The reason.")


def test_programs_are_read_as_they_write() -> None:
    parts: dict[str, dict[str, Any]] = {
        "jobs": {
            "results": [
                {
                    "jobs": 1000,
                    "burst": 20.0,
                    "films": 50,
                    "submissions": [0.004] * 99 + [0.2],
                    "progress_writes": [0.001, 0.002],
                    "busy": {"latencies": [0.05] * 50 + [0.1] * 50},
                }
            ]
        },
        "sockets": {"results": [{"few": [0.004] * 100}]},
        "propagation": {
            "results": [
                {
                    "cells": [
                        {"layout": "4 workers, one host", "seconds": [0.2, 0.3]},
                        {"layout": "4 workers, one host", "seconds": [0.2, 1.3]},
                    ]
                }
            ]
        },
        "rollback": {"results": [{"mistakes": [{"hours": 150, "ours": 1}, {"hours": 50, "ours": 1}]}]},
        "large": {"results": [{"answers": [{"database": "SQLite", "milliseconds": {"/": [10.0, 300.0]}}]}]},
        "decision": {
            "results": [
                {
                    "costs": [
                        {"subject": "legacy for all, a visitor's cookie", "decision_p50": 3.0},
                        {"subject": "modern for all, a visitor's cookie", "decision_p50": 4.0},
                    ]
                }
            ]
        },
        "bridge": {"results": [{"cells": [], "overhead_us": {"bridge": 160.0, "bare": 60.0}}]},
    }
    found = {name: row.finding.value for name, row in rows(parts).items() if row.finding is not None}
    assert found["1,000 jobs an hour"] == 180_000
    assert found["50 downloads at once"] == 50
    assert found["API while 50 downloads run, mean"] == pytest.approx(75)
    assert found["API while 50 downloads run, p95"] == pytest.approx(100)
    assert found["Progress below 10 ms"] == pytest.approx(4)
    assert found["Flag change seen by every worker of a host"] == pytest.approx(1.289)
    assert found["Sound route rolled back by mistake"] == pytest.approx(1.0)
    assert (found["Decision, where the side is the same for all"], found["Bridge overhead"]) == (4.0, 100.0)
    assert found["100,000 videos on SQLite"] > 200


@pytest.mark.parametrize(
    ("value", "held", "told"),
    [
        (3.0, claim(3.0), "kept"),
        (2.4, claim(3.0), "missed by 20%: 2.40×, and 3.00× was promised"),
        (1.4966, claim(1.5), "missed by less than 1%: 1.50×, and 1.50× was promised"),
        (10.0, claim(10.0, better="less", unit="ms"), "kept"),
        (15.0, claim(10.0, better="less", unit="ms"), "missed by 50%: 15.0 ms, and 10.0 ms was promised"),
    ],
)
def test_what_is_exactly_the_target_keeps_it(value: float, held: Claim, told: str) -> None:
    assert sentence(value, held) == told


def test_figures_have_as_many_digits_as_they_bear() -> None:
    assert [figure(one, "×") for one in (0.973, 12.34, 1234.5)] == ["0.97×", "12.3×", "1,234×"]


def test_a_median_lies_where_its_order_statistics_say() -> None:
    assert interval(range(5)) is None
    assert interval([3, 1, 2, 6, 5, 4]) == (1, 6)  # outside: 2 of 64
    assert interval(range(1, 10)) == (2, 8)  # 2 * (1 + 9) of 512
    assert interval(range(1, 61)) == (22, 39)


def test_a_target_that_the_rounds_lie_around_is_undecided() -> None:
    parts = recorded()
    cells = {one["contender"]: one for one in parts["list"]["cells"] if one["database"] == "mariadb"}
    given: dict[str, list[float]] = {
        "werkzeug": [1.0] * 6,
        "gunicorn": [10.0] * 6,
        "hybrid-modern": [55.0, 58.0, 61.0, 62.0, 63.0, 64.0],
    }
    for name, rates in given.items():
        cells[name]["rounds"] = [{"rate": rate} for rate in rates]
    row = rows(parts)["Listing of 50 with artists on MariaDB"]
    assert row.standing is Standing.UNDECIDED
    assert row.sentence.startswith("undecided, the rounds lie on both sides; by the median kept")
    assert row.finding is not None
    assert row.finding.interval == (5.5, 6.4)
    cells["hybrid-modern"]["rounds"] = [{"rate": 61.0} for _ in range(6)]
    assert rows(parts)["Listing of 50 with artists on MariaDB"].standing is Standing.KEPT


def test_rounds_are_paired() -> None:
    assert paired([200, 20, 300], [100, 10, 100]) == (2.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('kind = "rates"', 'kind = "rate"'),
        ("target = 3.0", "target = 0.0"),
        ('origin = "claim"', 'origin = "boast"'),
        ('unit = "×"', 'unit = "x"'),
        ('coming = "processing of media"', ""),
        ('coming = "processing of media"', 'coming = "media"\ninstead = "both"'),
    ],
)
def test_a_claim_that_can_t_be_meant_is_refused(tmp_path: Path, before: str, after: str) -> None:
    text = FILE.read_text("utf-8")
    assert before in text
    file = tmp_path / "claims.toml"
    file.write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(BadPlan):
        read_claims(file)


def test_the_recorded_folder_is_small() -> None:
    assert sum(one.stat().st_size for one in RECORDED.iterdir()) < 40_000
    assert json.loads((RECORDED / "run.json").read_text())["commit"]
