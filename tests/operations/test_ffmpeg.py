"""Which ffmpeg is used."""

import subprocess

import imageio_ffmpeg
import pytest

from fastapi_app.operations import ffmpeg
from fastapi_app.operations.refusal import ProgramMissing


def test_the_one_on_path_is_preferred() -> None:
    assert ffmpeg.executable(lambda name: f"/somewhere/{name}") == "/somewhere/ffmpeg"


def test_without_one_the_bundled_one_runs() -> None:
    program = ffmpeg.executable(lambda _name: None)
    assert "imageio_ffmpeg" in program
    subprocess.run([program, "-version"], check=True, stdout=subprocess.DEVNULL)


def test_without_any_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> str:
        raise RuntimeError

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", nothing)
    with pytest.raises(ProgramMissing, match="apt-get install ffmpeg"):
        ffmpeg.executable(lambda _name: None)
