"""A thread per download, with the real yt-dlp: one film per row, nothing left behind, nobody's network entered."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from fastapi_app.downloads import addresses, names, payload
from fastapi_app.models import Download, Job, JobQueue, Setting, Video, VideoStatus, now
from legacy_flask import database, download_command, download_names, download_threads, job_claims, yt_dlp_program
from legacy_flask.download_files import seconds_read
from legacy_flask.job_claims import Film, Progress
from tests.legacy_flask.library import Library, artist, make_library, video
from tests.servers.media_server import MediaServer, media_server, wait_until

STORED = "data/musicvideos/Nova Kestrel/Glass Harbor.mp4"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three seconds."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=s=320x240:r=10:d=3", "-f", "lavfi", "-i", "sine=d=3"]
    shape = ["-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    subprocess.run(["ffmpeg", "-v", "error", *source, *shape, str(path)], check=True)
    return path.read_bytes()


@pytest.fixture
def site() -> Iterator[MediaServer]:
    with media_server() as server:
        yield server


@contextmanager
def downloading(folder: Path, **options: Any) -> Iterator[Library]:
    """A library whose downloads end with it. Private networks may be asked, unless told otherwise."""
    with make_library(folder, **{"allow_private_addresses": True, **options}) as library:
        try:
            yield library
        finally:
            download_threads.of(library.app).close()


def ended(library: Library, job_id: int = 1) -> Job:
    wait_until(lambda: library.one(Job, job_id).state in ("completed", "failed", "cancelled"), 60)
    wait_until(lambda: not [one for one in threading.enumerate() if one.name == f"download-{job_id}"])
    found: Job = library.one(Job, job_id)
    return found


def change(library: Library, **values: Any) -> None:
    with library.writing() as session:
        session.execute(update(Job).values(values))


def files(library: Library) -> list[str]:
    shelf = library.data / "musicvideos"
    return sorted(str(path.relative_to(shelf)) for path in shelf.rglob("*") if path.is_file())


def test_a_film_gets_its_name_and_its_rows(tmp_path: Path, site: MediaServer, film: bytes) -> None:
    with downloading(tmp_path) as library:
        url = site.put("/film.mp4", film)
        library.add(artist(1), video(1, url=url, status=VideoStatus.WANTED))
        answer = library.client().post("/api/videos/1/download")
        assert (answer.status_code, (answer.json or {})["download_id"]) == (200, 1)
        job = ended(library)
        assert (job.state, job.error_log, job.executor, job.active_key) == ("completed", None, "legacy", None)
        assert job.result == {"path": STORED, "bytes": len(film), "duration": 3}
        row, found = library.one(Download, 1), library.one(Video, 1)
        assert (row.status, row.progress, row.file_path, row.format) == ("completed", 100, STORED, "mp4")
        assert (found.status, found.local_path) == (VideoStatus.DOWNLOADED, STORED)
        assert files(library) == ["Nova Kestrel/Glass Harbor.info.json", "Nova Kestrel/Glass Harbor.mp4"]
        assert library.client().post("/api/videos/1/download").status_code == 400
        body = {"artist": "Nova Kestrel", "title": "Glass Harbor", "url": url}
        assert library.client().post("/api/metube/download/music-video", json=body).status_code == 200
        other: dict[str, Any] = ended(library, 2).result or {}
        assert other["path"].endswith("Glass Harbor (1).mp4")


def test_stopping_ends_the_program_and_leaves_nothing(tmp_path: Path, site: MediaServer, film: bytes) -> None:
    with downloading(tmp_path) as library:
        library.add(artist(1), video(1, url=site.put("/slow.mp4", film * 20, rate=40_000.0)))
        library.client().post("/api/videos/1/download")
        wait_until(lambda: (library.one(Job, 1).bytes_done or 0) > 0, 60)
        assert '"status":"downloading"' in library.client().get("/api/metube/queue").text
        for _ in range(2):
            assert library.client().post("/api/metube/download/1/stop").status_code == 200
        job = ended(library)
        assert (job.state, job.cancel_requested) == ("cancelled", True)
        assert library.one(Video, 1).status is VideoStatus.WANTED
        assert library.one(Download, 1).status == "stopped"
        assert files(library) == []


def test_half_a_film_replaces_nothing(tmp_path: Path, site: MediaServer, film: bytes) -> None:
    with downloading(tmp_path) as library:
        url = site.put("/half.mp4", film[: len(film) // 2])
        library.add(artist(1), video(1, url=url, status=VideoStatus.DOWNLOADED, local_path=STORED))
        library.file(STORED, b"the old one")
        library.client().post("/api/videos/bulk/download", json={"video_ids": [1]})
        job = ended(library)
        assert (job.state, job.error_class) == ("failed", "bad-file")
        assert (library.data.parent / STORED).read_bytes() == b"the old one"
        assert library.one(Video, 1).status is VideoStatus.DOWNLOADED
        assert files(library) == ["Nova Kestrel/Glass Harbor.mp4"]


def test_private_networks_are_not_asked(tmp_path: Path, site: MediaServer, film: bytes) -> None:
    with downloading(tmp_path, allow_private_addresses=False) as library:
        body = {"artist": "a", "title": "b", "url": site.put("/film.mp4", film)}
        library.client().post("/api/metube/download/music-video", json=body)
        job = ended(library)
        assert (job.state, job.error_class, site.calls) == ("failed", "private-address", [])


def test_a_download_is_paused_goes_on_and_says_that_the_server_stopped(
    tmp_path: Path, site: MediaServer, film: bytes
) -> None:
    with downloading(tmp_path) as library:
        library.add(JobQueue(name="downloads", paused_at=now(), reason="later"))
        body = {"artist": "a", "title": "b", "url": site.put("/slow.mp4", film * 20, rate=40_000.0)}
        library.client().post("/api/metube/download/music-video", json=body)
        assert library.one(Job, 1).state == "queued"  # its queue is paused
        with library.writing() as session:
            session.query(JobQueue).update({"paused_at": None})
        wait_until(lambda: (library.one(Job, 1).bytes_done or 0) > 0, 60)
        change(library, pause_requested=True)
        wait_until(lambda: library.one(Job, 1).state == "paused", 60)
        change(library, state="queued")
        wait_until(lambda: library.one(Job, 1).state == "running", 60)
        assert library.one(Job, 1).attempts == 1
        download_threads.of(library.app).close()
        job = ended(library)
        assert (job.state, job.error_class) == ("failed", "interrupted")


def test_a_request_that_is_only_compared_starts_nothing(library: Library) -> None:
    body = {"artist": "a", "title": "b", "url": "http://127.0.0.1:9/x"}
    copy: dict[str, Any] = {"asgi.scope": {"extensions": {"http.request.copy": {}}}}
    before = set(threading.enumerate())
    answer = library.client().post("/api/metube/download/music-video", json=body, environ_overrides=copy)
    assert answer.status_code == 200
    assert [one.name for one in set(threading.enumerate()) - before if one.name.startswith("download-")] == []


def test_a_job_has_one_owner_and_ends_once(tmp_path: Path) -> None:
    with make_library(tmp_path, runs_downloads=False) as library:
        library.add(artist(1), video(1, url="http://example.org/x"))
        library.client().post("/api/videos/1/download")
        engine = database.of(library.app).engine
        mine = job_claims.claim(engine, 1)
        assert mine is not None
        assert (job_claims.claim(engine, 1), job_claims.still_waits(engine, 1)) == (None, False)
        assert library.one(Download, 1).status == "downloading"
        assert job_claims.beat(engine, mine, Progress(percent=50.0)) == (False, False)
        assert (library.one(Download, 1).progress, library.one(Job, 1).percent) == (50, 50.0)
        with library.writing() as session:
            session.query(Job).update({"claim": "somebody else"})
        taken = Film("data/musicvideos/x.mp4", 5, 1.0)
        assert (job_claims.look(engine, mine), job_claims.complete(engine, mine, taken)) == (None, False)
        assert job_claims.beat(engine, mine, Progress()) is None
        assert not job_claims.fail(engine, mine, "x", "y")
        assert library.one(Job, 1).state == "running"
        assert library.one(Video, 1).local_path is None


def test_a_worker_of_the_other_side_is_left_alone(tmp_path: Path) -> None:
    with make_library(tmp_path, runs_downloads=False) as library:
        library.add(artist(1), video(1, url="http://example.org/x"))
        library.client().post("/api/videos/1/download")
        with library.writing() as session:
            session.query(Job).update({"executor": "celery"})
        engine = database.of(library.app).engine
        assert (job_claims.waiting(engine), job_claims.claim(engine, 1)) == ([], None)


def test_settings_say_what_the_job_leaves_open(tmp_path: Path) -> None:
    with make_library(tmp_path) as library:
        library.add(Setting(key="music_videos_path", value=" data/films "), Setting(key="download_subtitles"))
        found = job_claims.settings(database.of(library.app).engine, "music_videos_path", "download_subtitles", "none")
        assert found == {"music_videos_path": "data/films", "download_subtitles": "", "none": ""}


NAMES = (
    "Nova Kestrel",
    "AC/DC: live?",
    "..",
    "",
    " . ",
    "con",
    "COM1.x",
    "é" * 300,
    "e\u0301",
    "a\nb\u202ec",
    "\ud800",
    "宇宙" * 99,
)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_both_sides_give_a_film_the_same_name(name: str) -> None:
    assert download_names.file_name(name) == names.folder(name) == names.stem(name)


def test_both_sides_say_the_same_of_an_address() -> None:
    for url in ("http://a/", "https://a:0/", "ftp://a", "http://", "HTTP://A", "http://[x", "", "//a"):
        assert download_names.is_address(url) == addresses.is_askable(url), url
    hosts = (
        "127.0.0.1",
        "8.8.8.8",
        "10.0.0.1",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "224.0.0.1",
    )
    for host in (*hosts, "fe80::1%eth0", "2606:4700::1", "example.org", ""):
        assert yt_dlp_program.is_public(host) == addresses.is_public(host), host
    subjects: tuple[tuple[int | None, str | None], ...] = ((5, None), (None, "http://a"), (None, None))
    for video_id, address in subjects:
        wanted = payload.Download(video_id=video_id, url=address, artist="a", title="b")
        assert download_names.subject(video_id, address, "a", "b") == payload.subject(wanted)


def test_what_yt_dlp_says_is_read_without_secrets() -> None:
    assert download_command.read_progress("mvidarr 50 100 NA 7.9 3") == Progress(50.0, 7, 3, 50, 100)
    assert download_command.read_progress("mvidarr 50 NA NA NA NA") == Progress(None, None, None, 50, None)
    assert download_command.read_progress("[download] 50%") is None
    line = "ERROR at https://user:pw@host/x?token=abc cookie: SID=1"
    assert download_command.redacted(line) == "ERROR at https://host/x?… cookie: ***"
    assert seconds_read("Duration: 00:00:03.00, start\n time=00:00:03.00 x") == 3.0
    assert seconds_read("Duration: 00:00:30.00\n time=00:00:03.00") == 0.0
