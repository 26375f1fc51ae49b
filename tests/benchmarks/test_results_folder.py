"""Raw results are written once, whole, and never beside those of other mixes."""

from pathlib import Path

import pytest

from benchmarks.results_folder import AnotherRun, ResultsFolder, digest

ABOUT = {"begun_at": "2026-01-01", "commit": "abc", "mixes": "m", "smallest": False}


def test_a_part_is_never_overwritten(tmp_path: Path) -> None:
    folder = ResultsFolder(tmp_path / "run")
    folder.begin(ABOUT)
    folder.keep("list", {"cells": [1]})
    with pytest.raises(FileExistsError):
        folder.keep("list", {"cells": [2]})
    assert folder.parts() == {"list": {"cells": [1]}}


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = ResultsFolder(tmp_path)
    folder.begin(ABOUT)
    folder.keep("list", {})
    ResultsFolder(tmp_path).begin({**ABOUT, "begun_at": "later"})
    assert ResultsFolder(tmp_path).has("list")
    assert folder.about()["begun_at"] == "2026-01-01"


@pytest.mark.parametrize("key", ["mixes", "smallest"])
def test_another_mix_does_not_go_on_in_it(tmp_path: Path, key: str) -> None:
    ResultsFolder(tmp_path).begin(ABOUT)
    with pytest.raises(AnotherRun, match=key):
        ResultsFolder(tmp_path).begin({**ABOUT, key: "other"})


def test_a_part_that_was_torn_is_none(tmp_path: Path) -> None:
    (tmp_path / ".list.new").write_text('{"cells": [')
    folder = ResultsFolder(tmp_path)
    assert not folder.has("list")
    assert folder.parts() == {}


def test_a_failure_is_told_until_the_part_is_finished(tmp_path: Path) -> None:
    folder = ResultsFolder(tmp_path)
    folder.note_failure("list", "LoadFailed: two\nlines")
    folder.note_failure("one", "LoadFailed: again")
    assert folder.failures() == ("list: LoadFailed: two lines", "one: LoadFailed: again")
    folder.keep("one", {})
    assert folder.failures() == ("list: LoadFailed: two lines",)


def test_another_text_has_another_digest(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    (tmp_path / "b").write_text("two")
    assert digest(tmp_path / "a") != digest(tmp_path / "b")
