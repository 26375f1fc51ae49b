"""What a figure says about the code that it is of."""

import subprocess
from pathlib import Path

import pytest

from benchmarks.environment import environment


def git(*arguments: str) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with code and results, in which we stand."""
    monkeypatch.chdir(tmp_path)
    for name in ("code.py", "benchmarks/results/run/list.json", "docs/benchmarks.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    git("init")
    git("add", ".")
    git("commit", "-m", "all")
    return tmp_path


def test_a_part_that_is_measured_again_leaves_the_code_what_it_was(project: Path) -> None:
    before = environment()["commit"]
    (project / "benchmarks/results/run/list.json").unlink()
    (project / "docs/benchmarks.md").write_text("2")
    assert environment()["commit"] == before


def test_figures_of_changed_code_say_so(project: Path) -> None:
    before = environment()["commit"]
    (project / "code.py").write_text("2")
    assert environment()["commit"] == f"{before}-dirty"


def test_outside_of_a_repository_the_commit_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert environment()["commit"] == "unknown"
