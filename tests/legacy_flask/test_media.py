"""Files: ranges, missing ones, those outside, and films that are transcoded while they are watched."""

import subprocess
from pathlib import Path

import pytest

from fastapi_app.models import Artist, Video, VideoStatus
from legacy_flask import transcode
from tests.legacy_flask.library import Library, artist, make_library, video

STORED = "data/musicvideos/A/film.mp4"
URL = "/api/videos/1/stream"
CONTENT = bytes(range(256)) * 4


def with_film(library: Library, stored: str = STORED, content: bytes = CONTENT) -> Path:
    library.add(artist(1, monitored=False), video(1, local_path=stored, status=VideoStatus.DOWNLOADED))
    return library.file(stored, content)


def test_several_ranges_come_in_parts(library: Library) -> None:
    with_film(library)
    answer = library.client().get(URL, headers={"Range": "bytes=0-3, 10-12,-2"}, buffered=True)
    assert answer.status_code == 206
    kind, _, boundary = answer.headers["Content-Type"].partition("; boundary=")
    assert kind == "multipart/byteranges"
    assert "Content-Range" not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    parts = answer.data.split(f"--{boundary}".encode())[1:-1]
    bodies = [part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n") for part in parts]
    assert bodies == [CONTENT[0:4], CONTENT[10:13], CONTENT[-2:]]
    assert b"Content-Range: bytes 10-12/1024" in parts[1]


@pytest.mark.parametrize("header", ["bytes=2000-", "bytes=5-1", "items=0-1", "bytes=", "bytes=" + "0-0," * 16 + "0-0"])
def test_a_bad_range_tells_the_size(library: Library, header: str) -> None:
    with_film(library)
    answer = library.client().get(URL, headers={"Range": header})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1024"
    assert answer.json == {"error": "The requested range is not in the file"}


def test_a_range_of_a_changed_file_is_the_whole_file(library: Library) -> None:
    with_film(library)
    headers = {"Range": "bytes=0-3,5-6", "If-Range": '"another"'}
    answer = library.client().get(URL, headers=headers, buffered=True)
    assert (answer.status_code, answer.data) == (200, CONTENT)


def test_a_missing_file_is_wanted_again(library: Library) -> None:
    with_film(library).unlink()
    answer = library.client().get(URL)
    assert answer.status_code == 404
    assert answer.json == {
        "error": "Video file not found",
        "message": "File has been marked as wanted and will be re-downloaded",
        "status": "wanted",
    }
    row = library.one(Video, 1)
    assert (row.status, row.local_path, library.one(Artist, 1).monitored) == (VideoStatus.WANTED, None, True)


def test_an_unmounted_drive_resets_nothing(library: Library) -> None:
    path = with_film(library)
    path.unlink()
    path.parent.rmdir()
    path.parent.parent.rmdir()
    assert library.client().get(URL).json == {"error": "Video file not found"}
    assert library.one(Video, 1).local_path == STORED


@pytest.mark.parametrize("stored", ["/etc/passwd", "data/../../etc/passwd", "data/mvidarr.db", "data/musicvideos/out"])
def test_nothing_outside_is_served_or_reset(library: Library, stored: str) -> None:
    (library.data / "musicvideos" / "out").symlink_to("/etc/passwd")
    library.add(artist(1), video(1, local_path=stored, status=VideoStatus.DOWNLOADED))
    assert library.client().get(URL).json == {"error": "Video file not found"}
    assert library.one(Video, 1).local_path == stored


def test_a_configured_folder_is_served(tmp_path: Path) -> None:
    outside = tmp_path / "films"
    outside.mkdir()
    (outside / "a.webm").write_bytes(CONTENT)
    with make_library(tmp_path / "library", media_roots=(outside,)) as library:
        library.add(artist(1), video(1, local_path=str(outside / "a.webm")))
        answer = library.client().get(URL, buffered=True)
    assert (answer.status_code, answer.content_type, answer.data) == (200, "video/webm", CONTENT)


def test_a_picture_or_none(library: Library) -> None:
    library.add(artist(1), video(1, thumbnail_path="data/thumbnails/videos/é.jpg"), video(2))
    library.file("data/thumbnails/videos/é.jpg", b"picture")
    found = library.client().get("/api/videos/1/thumbnail", buffered=True)
    assert (found.data, found.content_type) == (b"picture", "image/jpeg")
    assert found.headers["Content-Disposition"] == "inline; filename=e.jpg; filename*=UTF-8''%C3%A9.jpg"
    assert library.client().get("/api/videos/2/thumbnail").json == {"error": "No thumbnail available"}


def test_the_process_ends_when_the_client_leaves() -> None:
    process = subprocess.Popen(["sh", "-c", "yes & yes"], stdout=subprocess.PIPE, start_new_session=True)
    film = transcode.Film(process)
    assert next(iter(film))
    film.close()
    assert process.returncode is not None
    assert process.stdout is not None
    assert process.stdout.closed


def test_a_process_that_ignores_the_request_to_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcode, "_TERM_SECONDS", 0.1)
    process = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo on; while :; do :; done"], stdout=subprocess.PIPE, start_new_session=True
    )
    film = transcode.Film(process)
    assert process.stdout is not None
    process.stdout.readline()
    film.close()
    assert process.returncode == -9


def test_an_mkv_becomes_an_mp4(library: Library) -> None:
    stored = "data/musicvideos/A/film.mkv"
    path = with_film(library, stored, b"")
    source = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=1"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, str(path)], check=True)
    answer = library.client().get(URL, headers={"Range": "bytes=0-9"}, buffered=True)
    assert (answer.status_code, answer.content_type) == (200, "video/mp4")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.data[4:8] == b"ftyp"
    head = library.client().head(URL)
    assert (head.status_code, head.content_type, head.headers.get("Content-Length")) == (200, "video/mp4", None)


def test_without_ffmpeg_it_is_unavailable(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcode, "_find_ffmpeg", lambda: None)
    with_film(library, "data/musicvideos/A/film.avi")
    answer = library.client().get(URL)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_static_files_stay_in_their_folder(library: Library) -> None:
    client = library.client()
    (library.settings.static_folder / "out").symlink_to("/etc/passwd")
    found = client.get("/static/page.css", buffered=True)
    assert (found.status_code, found.content_type) == (200, "text/css; charset=utf-8")
    for name in ("none.css", "out", "..%2fdata%2fmvidarr.db", "%2e%2e/data/mvidarr.db", "a%00b"):
        assert client.get(f"/static/{name}").status_code == 404
