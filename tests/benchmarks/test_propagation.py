"""The short form of the benchmark runs to its end; and what it says of a target is so."""

import json
from pathlib import Path

import pytest

from benchmarks.propagation import Cell, main


def cell(*seconds: float) -> Cell:
    return Cell("file", "4 workers, one host", False, 1.0, seconds, ())


def test_the_slowest_of_a_hundred_changes_is_not_hidden() -> None:
    assert cell(*[0.2] * 99, 0.2).percentile(99) == pytest.approx(0.2)
    assert cell(*[0.2] * 97, 1.5, 1.5, 1.5).percentile(99) > 1.0
    assert cell(*[0.2] * 97, 1.5, 1.5, 1.5).percentile(50) == pytest.approx(0.2)


@pytest.mark.long
def test_everything_is_measured_printed_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--changes", "3", "--stores", "file"], tmp_path) == 0
    kept = json.loads(next(tmp_path.glob("propagation-*.json")).read_text())
    assert [len(one["seconds"]) for one in kept["cells"]] == [3] * 4
    assert "2 nodes" in capsys.readouterr().out
