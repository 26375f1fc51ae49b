"""The demo: real files and whole rows in an empty library, nothing at all anywhere else."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageFont
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.demo import catalogue, clips, library, posters
from fastapi_app.models import Artist, Video, VideoStatus, now
from fastapi_app.operations import ffmpeg, tables
from fastapi_app.operations.refusal import ProgramFailed
from tests.operations.processes import COMMAND, descendants, environment, lives, mvidarr, until


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with tables.engine_for(Config(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/mvidarr.db")) as engine:
        tables.bring_up_to_date(engine)
        yield engine


@pytest.mark.long
def test_every_row_has_its_files_and_every_file_plays(engine: Engine, tmp_path: Path) -> None:
    advanced: list[str] = []
    library.fill(engine, tmp_path, ffmpeg.executable(), now(), advanced.append)
    assert len(advanced) == library.steps()
    with Session(engine) as session:
        artists, videos = session.scalars(select(Artist)).all(), session.scalars(select(Video)).all()
    assert len(artists) == len(catalogue.ARTISTS)
    downloaded = [video for video in videos if video.status is VideoStatus.DOWNLOADED]
    assert len(downloaded) == len(catalogue.filmed()) >= 18
    assert {video.status for video in videos} >= {VideoStatus.WANTED, VideoStatus.FAILED}
    assert all(video.local_path is None for video in videos if video not in downloaded)
    for stored in [row.thumbnail_path for row in artists] + [row.thumbnail_path for row in videos]:
        with Image.open(there(tmp_path, stored)) as picture:
            assert picture.format == "JPEG"
    for video in downloaded:
        assert 5 <= length_of(there(tmp_path, video.local_path)) <= 11
    assert not list(tmp_path.glob(".demo-*"))


def there(data: Path, stored: str | None) -> Path:
    assert stored is not None
    assert stored.startswith("data/")
    return data / stored.removeprefix("data/")


def length_of(path: Path) -> float:
    probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration:stream=codec_name,width,height", "-of", "json"]
    told = json.loads(subprocess.run([*probe, str(path)], check=True, capture_output=True).stdout)
    assert [stream["codec_name"] for stream in told["streams"]] == ["h264", "aac"]
    assert (told["streams"][0]["width"], told["streams"][0]["height"]) == (640, 360)
    assert 4_000 < path.stat().st_size < 500_000
    return float(told["format"]["duration"])


@pytest.mark.long
def test_a_filled_library_is_refused_and_nothing_is_made(engine: Engine, tmp_path: Path) -> None:
    with Session(engine) as session, session.begin():
        session.add(Artist(name="Someone"))
    ended = mvidarr(tmp_path, "demo", MVIDARR_DATA_DIR=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr == "mvidarr: The library is not empty, so the demo was not added.\n"
    assert {path.name for path in tmp_path.iterdir()} <= {"mvidarr.db", "mvidarr.db-wal", "mvidarr.db-shm"}


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, marks=pytest.mark.long),
        signal.SIGTERM,
        pytest.param(signal.SIGKILL, marks=pytest.mark.long),
    ],
)
@pytest.mark.long
def test_an_interruption_leaves_no_row_and_no_encoder(engine: Engine, tmp_path: Path, number: int) -> None:
    process = subprocess.Popen(
        [*COMMAND, "demo"],
        cwd=tmp_path,
        env=environment(MVIDARR_DATA_DIR=tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until(lambda: len(descendants(process.pid)) == clips.ENCODERS)
    encoders = descendants(process.pid)
    process.send_signal(number)
    assert process.wait(60) != 0
    until(lambda: not [pid for pid in encoders if lives(pid)])
    with Session(engine) as session:
        assert session.scalars(select(Artist)).all() == []
    assert not (tmp_path / "musicvideos").exists()
    assert number == signal.SIGKILL or not list(tmp_path.glob(".demo-*"))


def test_an_encoder_that_fails_stops_the_demo_with_its_reason(engine: Engine, tmp_path: Path) -> None:
    order = clips.Order("no_such_source", "sine", 1, "t", "a", tmp_path / "x.mp4")
    with pytest.raises(ProgramFailed, match=r"ffmpeg could not make x\.mp4: .+"):
        clips.encode(ffmpeg.executable(), [order], lambda _order: None)


def test_a_file_that_is_already_there_is_not_overwritten(tmp_path: Path) -> None:
    made, target = tmp_path / "made", tmp_path / "a" / "target"
    for text in ("first", "second"):
        made.write_text(text)
        library._put(made, target)
    assert target.read_text() == "first"


@pytest.mark.parametrize(
    ("text", "latin", "shown"),
    [("Slow Kites", "", "Slow Kites"), ("海", "Umi", "Umi"), ("Sølvskog é", "", "Solvskog e"), ("海", "", "")],
)
def test_letters_that_the_font_lacks_are_spelled_another_way(text: str, latin: str, shown: str) -> None:
    font = ImageFont.load_default(40)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert posters.spelled(text, latin, font) == shown


def test_the_same_arguments_paint_the_same_picture() -> None:
    palette = catalogue.ARTISTS[0].palette
    caption = posters.Caption("海" * 80, "A title much too long for the width of any picture " * 3, "line")
    first, second = (posters.poster(posters.WIDE, palette, caption, 3) for _ in range(2))
    assert first.size == posters.WIDE
    assert first.tobytes() == second.tobytes()
