"""The figures of jobs: what is offered is charged from the moment when it was due, and nothing missed is hidden."""

import json
import time
from pathlib import Path

import pytest

from benchmarks.constant_rate import offered
from benchmarks.downloads import Answers
from benchmarks.jobs import Figures, main, syncs, verdicts


def figures(**more: object) -> Figures:
    quick = (0.002,) * 200
    latencies = dict.fromkeys(("submissions", "syncs", "trivial", "progress_writes"), quick)
    given = {**latencies, "jobs": 1_000, "lasted": 60.0, "burst": 30.0, "films": 0, "idle": None, "busy": None}
    return Figures(**{**given, **more})  # type: ignore[arg-type]


def test_a_stall_is_charged_to_everybody_who_was_due_meanwhile() -> None:
    def ask(number: int) -> None:
        if number == 0:
            time.sleep(0.3)

    late = offered(ask, 30, rate=100.0, clients=1)
    assert sum(one > 0.1 for one in late) > 15


def test_the_disk_is_asked_at_the_given_rate_and_left_as_it_was(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert len(syncs(tmp_path, 20, rate=100.0)) == 20
    assert time.monotonic() - begun > 0.19
    assert not list(tmp_path.iterdir())


def test_what_a_client_raises_is_not_swallowed() -> None:
    def ask(_number: int) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        offered(ask, 2, rate=100.0, clients=2)


def test_every_target_that_is_missed_is_told() -> None:
    assert all(row.holds for row in verdicts(figures()))
    slow = figures(
        submissions=(0.002,) * 190 + (0.05,) * 10,
        progress_writes=(0.006,) * 200,
        burst=61.0,
        films=50,
        busy=Answers((0.3,) * 100, 0.0),
        idle=Answers((0.3,) * 100, 0.0),
    )
    missed = [row.name.partition(",")[0] for row in verdicts(slow) if not row.holds]
    assert missed == [
        "handing in",
        "progress written to Redis",
        "1000 short jobs at once",
        "API p95 ms",
        "API mean ms",
    ]


@pytest.mark.long
@pytest.mark.mariadb
def test_everything_is_measured_printed_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--jobs", "20", "--seconds", "4", "--downloads", "2", "--bytes", "50000", "--mix-seconds", "3"]
    assert main(argv, tmp_path) in {0, 1}
    kept = json.loads(next(tmp_path.glob("jobs-*.json")).read_text())
    assert (len(kept["submissions"]), len(kept["busy"]["latencies"])) == (20, 60)
    assert (len(kept["syncs"]), len(kept["trivial"])) == (6, 6)
    assert "2 downloads" in capsys.readouterr().out
