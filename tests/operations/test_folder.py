"""The data folder: made, tried, held by one."""

import subprocess
import sys
from pathlib import Path

import pytest

from fastapi_app.operations.folder import LOCK_NAME, claimed, prepare
from fastapi_app.operations.refusal import FolderInUse, FolderUnwritable


def test_the_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    prepare(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderUnwritable, match="Not a directory"):
        prepare(tmp_path / "file" / "data")


def test_a_file_system_that_refuses_is_told() -> None:
    with pytest.raises(FolderUnwritable, match="set MVIDARR_DATA_DIR"):
        prepare(Path("/proc/mvidarr"))


def test_the_living_owner_is_named_at_once(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(FolderInUse, match=r"process \d+"), claimed(tmp_path, patience_seconds=60):
        pass


def test_what_a_dead_owner_left_running_is_waited_for(tmp_path: Path) -> None:
    with claimed(tmp_path) as lock:
        leftover = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"], pass_fds=[lock])
    (tmp_path / LOCK_NAME).write_text(str(_dead_process()))
    with claimed(tmp_path, patience_seconds=20):
        assert leftover.wait(1) == 0


def test_the_wait_for_leftovers_ends(tmp_path: Path) -> None:
    with claimed(tmp_path) as lock:
        leftover = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=[lock])
    (tmp_path / LOCK_NAME).write_text(str(_dead_process()))
    with pytest.raises(FolderInUse), claimed(tmp_path, patience_seconds=0.3):
        pass
    leftover.kill()
    leftover.wait()


def _dead_process() -> int:
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid
