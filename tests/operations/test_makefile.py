"""The Makefile: what it lists, what it serves, whom it refuses."""

import re
import subprocess
from pathlib import Path

from tests.operations.processes import PROJECT, environment

MAKEFILE = (PROJECT / "Makefile").read_text()


def make(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--file", str(PROJECT / "Makefile"), *arguments],
        check=False,
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_make_alone_lists_the_targets(tmp_path: Path) -> None:
    listed = re.findall(r"^  make (\S+) +\S", make(tmp_path).stdout, re.MULTILINE)
    daily = {"help", "install", "run", "test", "test-long", "lint", "types", "contracts", "format"}
    assert set(listed) == daily | {"lock", "bench", "bench-compare", "bench-quick", "bench-bridge", "clean"}


def test_every_target_that_is_no_file_is_declared() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    declared = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert declared is not None
    assert targets <= set(declared[1].split())


def test_an_old_python_is_refused_with_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python-old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "requirements-uv.txt").touch()
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "pyproject.toml").touch()
    ended = make(tmp_path, "install", PYTHON=str(old))
    assert ended.returncode != 0
    assert "MVidarr needs Python 3.11 or newer" in ended.stderr
    assert not (tmp_path / ".venv").exists()


def test_run_serves_the_hybrid_while_there_is_one(tmp_path: Path) -> None:
    show = ["--eval", "show: ; @echo $(MVIDARR_APP)", "show"]
    assert make(tmp_path, *show).stdout.strip() == "fastapi_app.asgi:app"
    (tmp_path / "legacy_flask").mkdir()
    (tmp_path / "legacy_flask" / "asgi.py").touch()
    assert make(tmp_path, *show).stdout.strip() == "legacy_flask.asgi:app"
    assert make(tmp_path, *show, MVIDARR_APP="my:own").stdout.strip() == "my:own"


def test_the_demo_is_asked_for_by_a_variable(tmp_path: Path) -> None:
    assert "mvidarr up --demo" in make(PROJECT, "--dry-run", "run", DEMO="1").stdout
    assert "--demo" not in make(PROJECT, "--dry-run", "run").stdout


def test_missing_programs_are_named_with_the_way_to_get_them(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "awk", "sort", "xargs", "echo", "id"):
        (tools / name).symlink_to(Path("/usr/bin") / name)
    user = tools / "id"
    user.unlink()
    user.write_text("#!/bin/sh\necho 1000\n")
    user.chmod(0o755)
    ended = _without_programs(tools, tmp_path)
    assert ended.returncode == 1
    assert "redis-server (Debian package redis-server)" in ended.stderr
    assert "sudo apt-get install chromium chromium-driver ffmpeg mariadb-server redis-server" in ended.stderr


def _without_programs(tools: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """The script as on a machine with nothing of it: the folders that it adds to PATH are left out."""
    script = folder / "requirements.sh"
    script.write_text((PROJECT / "tests/requirements.sh").read_text().replace(":/usr/sbin:/usr/local/sbin", ""))
    return subprocess.run(["/bin/bash", script], check=False, capture_output=True, text=True, env={"PATH": str(tools)})
