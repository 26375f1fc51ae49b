"""`strangler parity`, as a person at the command line meets it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.golden.library import load_library
from tests.golden.line import GOLDEN
from tests.parity.library import make_library
from tests.servers.mariadb import MariaDB, start_mariadb

PROJECT = Path(__file__).parents[2]
SECONDS = 300
GROUPS = ("artists-write", "genres", "settings", "videos-one")


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


def parity(environment: dict[str, str], temporary: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and what was printed as JSON."""
    temporary.mkdir()
    argv = [str(Path(sys.executable).parent / "strangler"), "parity", "--json", *options]
    done = subprocess.run(
        argv,
        check=False,
        cwd=PROJECT,
        env={**os.environ, **environment, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode in (0, 1), done.stderr
    assert list(temporary.iterdir()) == [], "the copies were left behind"
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


def told(found: dict[str, Any]) -> list[str]:
    return [f"{one}" for route in found["routes"] for one in route["mismatches"]]


@pytest.mark.long
def test_probes_alone_find_both_sides_alike_and_touch_nothing(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library")
    before = {path: path.stat() for path in sorted((tmp_path / "library").rglob("*"))}
    empty = tmp_path / "nothing.jsonl"
    empty.touch()
    code, found = parity(library.environment, tmp_path / "tmp", str(empty))
    assert (code, told(found), found["unasked"]) == (0, [], [])
    assert sum(route["asked"] for route in found["routes"]) > 100
    after = {path: path.stat() for path in sorted((tmp_path / "library").rglob("*"))}
    assert after.keys() == before.keys()
    changed = [path for path in before if after[path].st_mtime_ns != before[path].st_mtime_ns]
    assert [path for path in changed if path.is_file()] == []


@pytest.mark.long  # the golden suite asks the same over sockets
@pytest.mark.shared
@pytest.mark.mariadb
@pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs ../shared, the recorded answers of MVidarr 0.9")
def test_recorded_requests_find_both_sides_alike_on_an_adopted_library(mariadb: MariaDB, tmp_path: Path) -> None:
    library = load_library(mariadb, "rehearsed", tmp_path / "library")
    corpus = [str(GOLDEN / f"{name}.jsonl") for name in GROUPS]
    code, found = parity(library.environment, tmp_path / "tmp", "--no-probes", *corpus)
    assert told(found) == []
    assert (code, bool(found["unasked"])) == (1, True), "without probes, what these groups leave out is named"
    assert sum(route["asked"] for route in found["routes"]) > 150
