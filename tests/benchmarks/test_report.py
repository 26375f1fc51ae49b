"""The report says what the raw results say, the same bytes each time, to whoever sees pictures and whoever doesn't."""

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import report, steps
from benchmarks.charts import Bar, Chart, Group, described, svg
from benchmarks.document import Figure, Heading, Printed, Sheet, html, markdown
from benchmarks.mixes import read_mixes
from benchmarks.reading import BadPlan
from benchmarks.results_folder import ResultsFolder

RECORDED = Path(__file__).parent / "recorded"
CHART = Chart("A <title>", "requests & more", (Group('one "group"', (Bar("ours", 200.0, 150.0, 250.0, "modern"),)),))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def folder(tmp_path: Path) -> ResultsFolder:
    shutil.copytree(RECORDED, tmp_path / "run")
    return ResultsFolder(tmp_path / "run")


def written(folder: ResultsFolder, docs: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in report.write(folder, docs)}


def test_the_same_raw_results_give_the_same_bytes(folder: ResultsFolder, tmp_path: Path) -> None:
    assert written(folder, tmp_path / "a") == written(folder, tmp_path / "b")


def test_it_says_what_was_found(folder: ResultsFolder, tmp_path: Path) -> None:
    text = written(folder, tmp_path)["benchmarks.md"].decode()
    assert "commit abc1234" in text
    assert "| Listing of 50 with artists on MariaDB |" in text
    assert "7.00× (6 to 8) | kept |" in text
    assert "**missed by 81%: 19.0×, and 100× was promised. As above" in text
    assert "not measured in this run: part sockets" in text
    assert "The machine was not quiet during: commands." in text
    assert "jobs: LoadFailed: only 3 of 50 downloads began" in text
    assert "finished later" not in text
    assert "median 1.4 s, worst 1.5 s" in text


def test_parts_of_another_commit_are_named(folder: ResultsFolder, tmp_path: Path) -> None:
    place = folder.path / "list.json"
    part = json.loads(place.read_text())
    part["environment"]["commit"] = "def5678"
    place.write_text(json.dumps(part))
    text = written(folder, tmp_path)["benchmarks.md"].decode()
    assert "Parts that were measured at another commit: list at def5678." in text


def test_steps_say_what_each_gained(folder: ResultsFolder, tmp_path: Path) -> None:
    text = written(folder, tmp_path)["benchmarks.md"].decode()
    assert "| round trips of one request | 5.00 trips | 2.00 trips | 2.50× | decision 0015 |" in text
    assert "| 60.0/s | 454/s | 7.57× |" in text  # more is better there


def test_a_step_without_a_figure_is_refused(tmp_path: Path) -> None:
    wrong = steps.FILE.read_text("utf-8").replace("before = 5.0\n", "", 1)
    (tmp_path / "steps.toml").write_text(wrong, "utf-8")
    with pytest.raises(BadPlan, match="before is missing"):
        steps.read_steps(tmp_path / "steps.toml")


def test_a_contender_that_failed_says_why_beside_the_others(folder: ResultsFolder, tmp_path: Path) -> None:
    place = folder.path / "list.json"
    part = json.loads(place.read_text())
    part["cells"][0] |= {"failed": "an answer began with 503", "rounds": []}
    place.write_text(json.dumps(part))
    text = written(folder, tmp_path)["benchmarks.md"].decode()
    assert "| Werkzeug threaded | **failed**: an answer began with 503 |" in text
    assert "gunicorn gthread" in text


def test_every_picture_that_is_shown_was_drawn(folder: ResultsFolder, tmp_path: Path) -> None:
    files = written(folder, tmp_path)
    shown = set(re.findall(r"\]\(benchmarks/([a-z-]+\.svg)\)", files["benchmarks.md"].decode()))
    assert shown == {"list.svg", "commands.svg", "capacity.svg", "memory.svg"}
    assert shown == {name for name in files if name.endswith(".svg")}


def test_the_page_needs_nobody_else(folder: ResultsFolder, tmp_path: Path) -> None:
    page = written(folder, tmp_path)["report.html"].decode()
    assert page.count("<svg") == 4
    assert not re.search(r'(src|href)="', page)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


def test_a_smallest_run_says_that_it_measures_nothing(folder: ResultsFolder, tmp_path: Path) -> None:
    about = folder.path / "run.json"
    about.write_text(about.read_text().replace('"smallest": false', '"smallest": true'))
    assert "None of its figures is a measurement." in written(folder, tmp_path)["benchmarks.md"].decode()


def test_a_smallest_run_never_goes_into_the_docs(folder: ResultsFolder, tmp_path: Path) -> None:
    about = folder.path / "run.json"
    about.write_text(about.read_text().replace('"smallest": false', '"smallest": true'))
    assert report.main([str(folder.path), "--docs", str(tmp_path / "docs")]) == 0
    assert not (tmp_path / "docs").exists()
    assert (folder.path / "benchmarks.md").exists()


def test_it_says_how_the_pace_changed_within_a_part(folder: ResultsFolder, tmp_path: Path) -> None:
    folder.keep("faults", {"output": "", "results": [], "exit": 0, "calibrations": [0.1, 0.13, 0.11]})
    assert "faults 1.30" in written(folder, tmp_path)["benchmarks.md"].decode()


def test_only_a_run_in_which_every_part_was_tried_goes_into_the_docs(
    folder: ResultsFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failed, last = "jobs", "sockets"
    for name in read_mixes().order:
        if not folder.has(name) and name not in {failed, last}:
            folder.keep(name, {"cells": [], "results": [], "output": "", "exit": 0, "calibrations": []})
    assert report.main([str(folder.path), "--docs", str(tmp_path / "docs")]) == 0
    assert not (tmp_path / "docs").exists()
    assert "Missing: sockets\n" in capsys.readouterr().out
    assert report.main([str(folder.path), "--docs", str(tmp_path / "partial"), "--partial"]) == 0
    assert "## What was not begun\n\n- sockets" in (tmp_path / "partial" / "benchmarks.md").read_text()
    folder.note_failure(last, "Broken.")
    assert report.main([str(folder.path), "--docs", str(tmp_path / "docs")]) == 0
    text = (tmp_path / "docs" / "benchmarks.md").read_text()
    assert "sockets: Broken." in text
    assert "not measured in this run: part sockets" in text


def test_what_is_strong_in_the_text_is_strong_in_the_page() -> None:
    page = html([Sheet(("x",), (("**missed** by `a<b`",),))])
    assert "<td><strong>missed</strong> by <code>a&lt;b</code></td>" in page


def test_a_picture_has_its_figures_in_words() -> None:
    drawn = ElementTree.fromstring(svg(CHART))
    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == described(CHART) == 'A <title>, requests & more. one "group": ours 200.'
    assert drawn.findtext(f"{SVG}desc") == described(CHART)


def test_a_picture_is_for_the_dark_and_for_the_light() -> None:
    assert "prefers-color-scheme: dark" in svg(CHART)


def test_bars_begin_at_zero_and_stay_in_the_picture() -> None:
    bars = (Bar("all", 100.0, 100.0, 100.0, "legacy"), Bar("half", 50.0, 10.0, 90.0, "modern"))
    drawn = ElementTree.fromstring(svg(Chart("t", "u", (Group("", bars),))))
    widths = [float(one.get("width", "0")) for one in drawn.iter(f"{SVG}rect") if one.get("x")]
    assert widths[1] == pytest.approx(widths[0] / 2, rel=0.01)
    assert all(float(one.get("x", "0")) < 700 for one in drawn.iter(f"{SVG}text") if one.get("text-anchor") != "end")


def test_a_server_that_did_nothing_can_be_drawn() -> None:
    ElementTree.fromstring(svg(Chart("t", "u", (Group("", (Bar("none", 0.0, 0.0, 0.0, "legacy"),)),))))


def test_a_bar_in_a_cell_does_not_break_the_table() -> None:
    assert "| a\\|b |" in markdown([Sheet(("x",), (("a|b",),))], "f")


def test_what_a_program_printed_is_text() -> None:
    page = html([Heading(1, "A"), Printed("<script>alert(1)</script>"), Figure("f", CHART)])
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    assert report.main([str(tmp_path), "--docs", str(tmp_path)]) == 2
