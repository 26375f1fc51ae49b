"""YouTube's JavaScript finds somebody who runs it, however we are started."""

import subprocess
import sysconfig
from pathlib import Path

import pytest
from yt_dlp import YoutubeDL  # type: ignore[import-untyped]

from fastapi_app.downloads.options import Pace, Surroundings, common
from fastapi_app.operations import javascript


def test_the_deno_that_comes_with_us_is_found_where_path_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = javascript.executable()
    assert found is not None
    assert Path(found) == Path(sysconfig.get_path("scripts")) / "deno"
    said = subprocess.run([found, "run", "-"], input="console.log(6 * 7)", capture_output=True, text=True, check=True)
    assert said.stdout == "42\n"


def test_yt_dlp_takes_the_same_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with YoutubeDL(common(Surroundings(ffmpeg="/nowhere/ffmpeg", logger=None, pace=Pace()))) as program:
        taken = program._js_runtimes["deno"].info
    assert (taken.path, taken.supported) == (javascript.executable(), True)


def test_a_node_on_path_serves_where_there_is_no_deno() -> None:
    assert javascript.executable(lambda name, path: f"/bin/{name}" if name == "node" else None) == "/bin/node"


def test_nothing_is_nothing() -> None:
    assert javascript.executable(lambda name, path: None) is None
