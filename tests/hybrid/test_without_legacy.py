"""The last commit of the migration is `git rm -r legacy_flask`: the product must not notice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.servers.web import PROJECT, serving

FORBIDDEN = ("flask", "werkzeug", "a2wsgi", "legacy_flask")
WITHOUT = "not browser and not mariadb and not long"
NEEDS_MORE = (
    "tests/fastapi_app/test_schemathesis.py",
    "tests/fastapi_app/middleware/test_foreign_requests.py",
    "tests/pages/test_downloads_mariadb.py",
)
"""schemathesis itself imports werkzeug; the next serves with what the router's tests have, the last the hybrid."""
SOME = (
    "tests/fastapi_app/media",
    "tests/fastapi_app/test_app.py",
    "tests/fastapi_app/test_videos.py",
)
ALL = ("tests/fastapi_app", "tests/pages", "tests/vectors")

BLOCKER = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {FORBIDDEN!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None

sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it will be: without the legacy folder, with Flask impossible to import."""
    folder = tmp_path_factory.mktemp("after") / "project"
    made_here = (".venv", ".git", "__pycache__", "data", "build", ".hypothesis", ".*_cache", "*.egg-info")
    ignored = shutil.ignore_patterns("legacy_flask", *made_here)
    shutil.copytree(PROJECT, folder, ignore=ignored)
    (folder / "blocker").mkdir()
    (folder / "blocker" / "sitecustomize.py").write_text(BLOCKER)
    return folder


def run(copy: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, in the copy and its environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        check=False,
        cwd=copy,
        env={**environment(copy), **settings},
        capture_output=True,
        text=True,
    )


def environment(copy: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MVIDARR_", "COVERAGE_", "COV_"))}
    return {**kept, "PYTHONPATH": os.pathsep.join((str(copy / "blocker"), str(copy)))}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_the_copy_really_has_no_flask(copy: Path, name: str) -> None:
    ended = run(copy, "-c", f"import {name}")
    assert ended.returncode == 1
    assert "No module named" in ended.stderr


def test_the_product_boots_and_serves_alone(copy: Path, tmp_path: Path) -> None:
    data = {"MVIDARR_DATA_DIR": str(tmp_path / "data")}
    upgraded = run(copy, "-m", "fastapi_app.cli", "db", "upgrade", **data)
    assert upgraded.returncode == 0, upgraded.stderr
    with serving("fastapi_app.asgi:app", data, tmp_path, path=environment(copy)["PYTHONPATH"]) as web:
        assert httpx2.get(f"{web.base}/api/health").json() == {"service": "mvidarr", "status": "healthy"}
        assert httpx2.get(f"{web.base}/api/videos/").status_code == 401
        assert httpx2.get(f"{web.base}/simple-login").status_code == 200


@pytest.mark.parametrize("lasting", [SOME, pytest.param(ALL, marks=pytest.mark.long)], ids=["some", "all"])
def test_the_products_own_tests_pass_alone(copy: Path, lasting: tuple[str, ...]) -> None:
    tests = [path for path in lasting if (copy / path).exists()]
    ignored = [f"--ignore={path}" for path in NEEDS_MORE]
    ended = run(copy, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "-m", WITHOUT, *tests, *ignored)
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
    assert " passed" in ended.stdout
