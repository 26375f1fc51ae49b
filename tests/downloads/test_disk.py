"""Disks that are full, and drives that are not there."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fastapi_app.downloads.library import Library, fits
from fastapi_app.jobs.states import State
from fastapi_app.jobs.work import QueueBlocked
from fastapi_app.models import Job, Video
from tests.downloads.conftest import House
from tests.servers.media_server import MediaServer


@pytest.fixture
def small_disk(house: House) -> Iterator[Path]:
    """The library on a real disk of 100 KiB."""
    house.library.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(house.library)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a file system")
    yield house.library
    subprocess.run(["umount", str(house.library)], check=True)


def test_a_disk_that_fills_up_stops_the_queue_and_gets_its_room_back(
    house: House, site: MediaServer, small_disk: Path, ordered: Callable[..., Job]
) -> None:
    house.set(minimum_free_space_mb="0")
    job = ordered(site.url + "/film.mp4")
    queue = house.queue()
    assert (job.state, job.error_class, job.attempts) == (State.QUEUED, "disk-full", 0)
    assert queue is not None
    assert queue.cause == "disk-full"
    assert house.files() == []
    assert not house.run()


def test_a_write_that_finds_no_room_stops_the_queue(
    house: House, site: MediaServer, ordered: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same without the right to mount: the disk refuses when the film is made safe."""

    def refuse(_file: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", refuse)
    job = ordered(site.url + "/film.mp4")
    assert (job.state, job.error_class) == (State.QUEUED, "disk-full")
    assert house.files() == []


def test_too_little_room_is_seen_before_anything_is_asked(
    house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    house.set(minimum_free_space_mb=str(10**9))
    job = ordered(site.url + "/film.mp4")
    assert (job.state, job.error_class) == (State.QUEUED, "disk-full")
    assert site.calls == []


def test_a_disk_that_fills_up_during_a_download_is_seen(
    house: House, site: MediaServer, ordered: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastapi_app.downloads import downloading

    def usage(_folder: Path) -> Any:
        parts = [name for name in house.files() if name.endswith(".part")]
        return SimpleNamespace(free=0 if parts else 2**40)

    monkeypatch.setattr(downloading, "_WATCH_SECONDS", 0.0)
    monkeypatch.setattr("shutil.disk_usage", usage)
    job = ordered(site.url + "/film.mp4")
    assert (job.state, job.error_class) == (State.QUEUED, "disk-full")
    assert house.files() == []


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_drive_that_is_not_mounted_stops_the_queue_and_gets_nothing(
    folder: str, house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    path = "/app/data/musicvideos/Nova Kestrel/Paper Moon.mp4"
    house.write(Video(id=2, artist_id=1, title="Paper Moon", status="DOWNLOADED", local_path=path))
    if folder == "empty":
        house.library.mkdir()
    job = ordered(site.url + "/film.mp4")
    queue = house.queue()
    assert (job.state, job.error_class, job.attempts) == (State.QUEUED, "mount-missing", 0)
    assert queue is not None
    assert queue.cause == "mount-missing"
    assert site.calls == []
    assert house.library.exists() is (folder == "empty")
    assert house.files() == []


def test_films_elsewhere_do_not_make_a_new_library_a_missing_one(
    house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    path = "data/downloads/Paper Moon.mp4"
    house.write(Video(id=2, artist_id=1, title="Paper Moon", status="DOWNLOADED", local_path=path))
    assert ordered(site.url + "/film.mp4").state == State.COMPLETED


@pytest.mark.parametrize("where", ["missing", "outside"])
def test_a_library_that_is_configured_and_not_there_is_a_missing_drive(
    where: str, house: House, site: MediaServer, tmp_path: Path, ordered: Callable[..., Job]
) -> None:
    root = tmp_path / "drive"
    if where == "missing":
        house.config = house.config.model_copy(update={"media_roots": (root,)})
    house.set(music_videos_path=str(root))
    job = ordered(site.url + "/film.mp4")
    assert (job.state, job.error_class) == (State.QUEUED, "mount-missing")
    assert not root.exists()


def test_a_drive_beside_the_data_is_a_library(
    house: House, site: MediaServer, tmp_path: Path, ordered: Callable[..., Job]
) -> None:
    root = tmp_path / "drive"
    root.mkdir()
    house.config = house.config.model_copy(update={"media_roots": (root,)})
    house.set(music_videos_path=str(root))
    assert ordered(site.url + "/film.mp4").state == State.COMPLETED
    assert house.video().local_path == f"{root}/Nova Kestrel/Glass Harbor.mp4"
    assert sorted(entry.name for entry in root.iterdir()) == ["Nova Kestrel"]


def test_a_drive_that_goes_away_meanwhile_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    library = Library("data/musicvideos", folder, folder.stat().st_dev, 0)
    library.check()
    with pytest.raises(QueueBlocked) as other:
        Library("data/musicvideos", folder, folder.stat().st_dev + 1, 0).check()
    folder.rmdir()
    with pytest.raises(QueueBlocked) as gone:
        library.check()
    assert other.value.kind == gone.value.kind == "mount-missing"


def test_what_fits() -> None:
    assert fits(100, 40, 60)
    assert not fits(100, 41, 60)
