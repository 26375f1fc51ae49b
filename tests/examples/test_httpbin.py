"""httpbin answers alike through gunicorn, through the bridge, and through the front door with a route moved."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "docs" / "examples" / "httpbin"
UV = Path(sys.executable).with_name("uv")
NO_REGISTRY = ("error sending request for url", "network was disabled")


def run(argv: list[str], folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "PYTHON"))}
    return subprocess.run(
        argv, cwd=folder, env={**kept, **variables}, check=False, capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's own environment, as its README builds it. uv keeps what it fetched: the second time is quick."""
    folder = tmp_path_factory.mktemp("httpbin-environment")
    python = folder / "env" / "bin" / "python"
    uv("venv", "--python", sys.executable, str(folder / "env"), folder=folder)
    uv("pip", "sync", "--require-hashes", "--python", str(python), str(EXAMPLE / "requirements.txt"), folder=folder)
    uv("pip", "install", "--no-deps", "--python", str(python), str(checkout(folder)), folder=folder)
    return python


def uv(*words: str, folder: Path) -> None:
    ran = run([str(UV), *words], folder, UV_SYSTEM_CERTS="1")
    if ran.returncode and any(sentence in ran.stderr for sentence in NO_REGISTRY):
        pytest.skip("no package registry answers, and uv has not cached what httpbin needs")
    assert ran.returncode == 0, ran.stderr


def checkout(folder: Path) -> Path:
    """A copy of what is installed: a build leaves folders behind."""
    copy = folder / "checkout"
    for package in ("router", "migration_flags"):
        shutil.copytree(PROJECT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / file, copy)
    return copy


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the example, which a test may spoil."""
    copy = tmp_path / "httpbin"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__", ".venv", "*.db*"))
    return copy


def compare(interpreter: Path, example: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run([str(interpreter), "compare.py", *arguments], example)


def test_every_endpoint_answers_alike_through_gunicorn_bridge_and_front_door(interpreter: Path, example: Path) -> None:
    found = compare(interpreter, example)
    assert found.returncode == 0, found.stdout[-8000:] + found.stderr[-2000:]
    assert found.stdout.splitlines()[:2] == readme_claims()


def readme_claims() -> list[str]:
    lines = (EXAMPLE / "README.md").read_text("utf-8").splitlines()
    return [line for line in lines if line.endswith("0 differences") or line.startswith("answered through")]


@pytest.mark.long
def test_the_comparison_can_fail(interpreter: Path, example: Path) -> None:
    """A route that moves without its CORS header, and whose JSON lacks the final newline."""
    modern = (example / "modern.py").read_text("utf-8")
    spoiled = modern.replace("Access-Control-Allow-Credentials", "X-Extra").replace(' + "\\n"', "")
    assert len(modern) - len(spoiled) > 20
    (example / "modern.py").write_text(spoiled, "utf-8")
    found = compare(interpreter, example, "/user-agent")
    assert found.returncode == 1, found.stderr
    for seen in ("access-control-allow-credentials ['true'] is []", "x-extra [] is ['true']", "body b"):
        assert f"through the front door: {seen}" in found.stdout
    assert "through the bridge" not in found.stdout


def test_the_lock_names_hashes_and_no_index() -> None:
    lock = (EXAMPLE / "requirements.txt").read_text("utf-8")
    assert "--index-url" not in lock
    assert "--find-links" not in lock
    assert lock.count("==") <= lock.count("--hash=sha256:")


@pytest.mark.long
def test_the_command_finds_its_application_where_the_example_says(interpreter: Path, example: Path) -> None:
    strangler = str(interpreter.with_name("strangler"))
    listed = run([strangler, "routes", "--json"], example)
    assert listed.returncode == 0, listed.stderr
    assert {"GET /user-agent": "both", "GET /get": "legacy"}.items() <= {
        row["route"]: row["owner"] for row in json.loads(listed.stdout)
    }.items()
    moved = run([strangler, "flags", "set", "GET /user-agent", "modern", "--reason", "trying it"], example)
    assert moved.returncode == 0, moved.stderr
    assert "unset → modern" in moved.stdout
