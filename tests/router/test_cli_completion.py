"""What the shell offers: routes and stages, each as one word; and silence where there is nothing to offer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.web import PROJECT

STRANGLER = "import sys; sys.argv[0] = 'strangler'; from router.cli import main; main()"
TRY = """. ./completion.sh
try() { COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _strangler_completion strangler
  printf '<%s>' "${COMPREPLY[@]}"; echo; }
try strangler drill GET
try strangler drill "'GET /api/o"
try strangler dri
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "pyproject.toml").write_text('[tool.strangler]\napp = "tests.router.toys:create_router"\n')
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "strangler"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{STRANGLER}" "$@"\n')
    command.chmod(0o700)
    return {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT),
        "TOY_STORE": "sqlite:////nowhere/flags.db",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }


def asked(folder: Path, told: dict[str, str], **more: str) -> str:
    argv = [sys.executable, "-c", STRANGLER]
    ran = subprocess.run(
        argv, cwd=folder, env={**told, **more}, check=False, capture_output=True, text=True, timeout=60
    )
    assert ran.stderr == ""
    return ran.stdout


def test_bash_gets_each_route_as_one_word(tmp_path: Path, environment: dict[str, str]) -> None:
    script = asked(tmp_path, environment, _STRANGLER_COMPLETE="source_bash")
    (tmp_path / "completion.sh").write_text(script)
    ran = subprocess.run(
        ["bash", "-c", TRY],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    bare, quoted, verb = ran.stdout.splitlines()
    assert r"<GET\ /api/one/\{id\}><GET\ /api/two>" in bare
    assert "POST" not in bare
    assert (quoted, verb, ran.stderr) == ("<GET /api/one/{id}>", "<drill>", "")


def test_zsh_and_fish_get_them_as_they_are(tmp_path: Path, environment: dict[str, str]) -> None:
    typed = "strangler drill GET"
    zsh = asked(tmp_path, environment, _STRANGLER_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=typed)
    assert '"GET /api/one/{id}"' in zsh
    fish = {"_STRANGLER_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    assert "GET /api/two" in asked(tmp_path, environment, **fish, _TYPER_COMPLETE_ARGS=typed).splitlines()


def test_an_application_that_prints_or_fails_completes_nothing_and_says_nothing(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "loud.py").write_text("print('loud')\nraise SystemExit('no')\n")
    for app in ("loud:create", "no_such_module:create"):
        (tmp_path / "pyproject.toml").write_text(f'[tool.strangler]\napp = "{app}"\n')
        words = {"COMP_WORDS": "strangler\ndrill\n", "COMP_CWORD": "2"}
        assert asked(tmp_path, environment, _STRANGLER_COMPLETE="complete_bash", **words).strip() == ""
