"""Pictures: what is sent, what is kept, and that neither rows nor files are lost on the way."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from fastapi_app.models import Artist, Video
from legacy_flask import database, thumbnail_files, thumbnail_upload
from tests.legacy_flask.library import Library, artist, statements, video
from tests.parity import pictures

URL = "/api/artists/1/thumbnail"
OLD = "data/thumbnails/artists/old.jpg"
MOST = 10 * 2**20


@pytest.fixture(autouse=True)
def placeholders(library: Library) -> Iterator[None]:
    for name in ("artist", "video"):
        (library.settings.static_folder / f"placeholder-{name}.png").write_bytes(b"placeholder")
    return iter(())


def upload(client: FlaskClient, content: bytes, name: str = "pic.jpg", url: str = URL) -> TestResponse:
    field = "file" if "videos" in url else "thumbnail"
    return client.post(f"{url}/upload", data={field: (BytesIO(content), name)})


def on_disk(library: Library) -> list[str]:
    folder = library.data / "thumbnails"
    return sorted(str(path.relative_to(library.data)) for path in folder.rglob("*") if path.is_file())


def body(answer: TestResponse) -> Any:
    assert answer.json is not None
    return answer.json


def test_a_picture_is_sent_as_what_it_is_not_as_what_it_is_called(library: Library) -> None:
    library.file("data/thumbnails/artists/é.jpg", pictures.transparent())
    library.add(artist(1, thumbnail_path="/app/data/thumbnails/artists/é.jpg"))
    with statements(database.of(library.app).engine) as seen:
        answer = library.client().get(URL, buffered=True)
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert len([text for text in seen if text.startswith("SELECT")]) == 2  # the gate, the row
    part = library.client().get(URL, headers={"Range": "bytes=1-3"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"PNG")


@pytest.mark.parametrize("stored", [None, "", "data/thumbnails/gone.jpg", "/etc/passwd", "data/mvidarr.db"])
def test_without_a_picture_it_is_the_placeholder(library: Library, stored: str | None) -> None:
    library.add(artist(1, thumbnail_path=stored), video(1, thumbnail_path=stored))
    for path in (URL, "/api/videos/1/thumbnail"):
        answer = library.client().get(path, buffered=True)
        assert (answer.status_code, answer.content_type, answer.data) == (200, "image/png", b"placeholder")


@pytest.mark.parametrize("path", ["", "/info", "/small"])
def test_unknown_artists_have_no_picture(library: Library, path: str) -> None:
    for row_id in ("999", "9" * 30):
        answer = library.client().get(f"/api/artists/{row_id}/thumbnail{path}")
        assert (answer.status_code, answer.json) == (404, {"error": "Artist not found"})


def test_a_size_is_the_main_picture_a_placeholder_or_nothing(library: Library) -> None:
    library.file(OLD, b"old")
    library.add(artist(1, thumbnail_path=OLD), artist(2, thumbnail_url="http://images.example/a.jpg"), artist(3))
    client = library.client()
    assert client.get("/api/artists/1/thumbnail/small", buffered=True).data == b"old"
    assert client.get("/api/artists/2/thumbnail/small", buffered=True).data == b"placeholder"
    assert client.get("/api/artists/3/thumbnail/small").status_code == 404
    assert client.get("/api/artists/1/thumbnail/huge").json == {
        "error": "Invalid size. Valid sizes: ['small', 'medium', 'large', 'original']"
    }


def test_an_upload_is_kept_in_four_sizes_and_the_old_files_go(library: Library) -> None:
    old = library.file(OLD)
    library.add(artist(1, "Björk Ågren", thumbnail_path=OLD, thumbnail_url="http://x/y.jpg"))
    answer = body(upload(library.client(), pictures.jpeg(640, 480), "é.JPG"))
    sizes = answer["metadata"]["sizes"]
    assert {name: one["size"] for name, one in sizes.items()} == {
        "small": [150, 113],
        "medium": [300, 225],
        "large": [600, 450],
        "original": [640, 480],
    }
    assert (answer["metadata"]["original_filename"], answer["metadata"]["format"]) == ("é.JPG", "JPEG")
    kept: Artist = library.one(Artist, 1)
    assert (kept.thumbnail_path, kept.thumbnail_url) == (answer["thumbnail_path"], None)
    assert not old.exists()
    assert on_disk(library) == sorted(one["path"].removeprefix("data/") for one in sizes.values())
    for name, one in sizes.items():
        sent = library.client().get(f"{URL}/{name}", buffered=True)
        with Image.open(BytesIO(sent.data)) as image:
            assert (image.format, list(image.size), len(sent.data)) == ("JPEG", one["size"], one["file_size"])


@pytest.mark.parametrize("name", pictures.readable())
def test_every_kind_of_picture_is_taken(library: Library, name: str) -> None:
    library.add(artist(1))
    assert upload(library.client(), pictures.readable()[name], name).status_code == 200


@pytest.mark.parametrize("name", pictures.unreadable())
def test_a_bad_upload_leaves_the_old_picture_and_no_files(library: Library, name: str) -> None:
    library.file(OLD)
    library.add(artist(1, thumbnail_path=OLD))
    assert upload(library.client(), pictures.unreadable()[name], name).status_code == 400
    assert library.one(Artist, 1).thumbnail_path == OLD
    assert on_disk(library) == ["thumbnails/artists/old.jpg"]


@pytest.mark.parametrize("size", [MOST + 1, MOST + 2**20])
def test_a_large_upload_is_refused(library: Library, size: int) -> None:
    library.add(artist(1))
    head = b'--b\r\nContent-Disposition: form-data; name="thumbnail"; filename="a.jpg"\r\n\r\n'
    sent = head + bytes(size) + b"\r\n--b--\r\n"  # the client's own way leaves a temporary file open
    answer = library.client().post(f"{URL}/upload", data=sent, content_type="multipart/form-data; boundary=b")
    assert (answer.status_code, answer.json) == (413, {"error": f"The request is larger than {MOST} bytes"})


def test_forms_without_a_picture(library: Library) -> None:
    library.add(artist(1))
    client = library.client()
    for sent in ({}, {"json": {"thumbnail": "x"}}, {"data": {"thumbnail": "x"}}, {"data": {"file": (BytesIO(), "a")}}):
        assert client.post(f"{URL}/upload", **sent).json == {"error": "No thumbnail file provided"}
    for name in ("a.txt", "noext"):
        assert "Invalid file type" in body(upload(client, pictures.jpeg(), name))["error"]
    for path in ("artists", "videos"):
        assert upload(client, pictures.jpeg(), url=f"/api/{path}/9/thumbnail").status_code == 404
    assert on_disk(library) == []


@pytest.mark.parametrize("commits", [False, True])
def test_a_failed_commit_loses_no_file_that_the_row_names(
    library: Library, monkeypatch: pytest.MonkeyPatch, commits: bool
) -> None:
    library.file(OLD)
    library.add(artist(1, thumbnail_path=OLD))
    take = thumbnail_upload.Exchange.take

    def fail(self: Any, *arguments: Any) -> None:
        take(self, *arguments)
        if commits:
            database.database().session(writes=True).commit()
        raise OperationalError("COMMIT", {}, Exception("gone"))

    monkeypatch.setattr(thumbnail_upload.Exchange, "take", fail)
    assert upload(library.client(), pictures.jpeg()).status_code == 503
    named = library.one(Artist, 1).thumbnail_path.removeprefix("data/")
    assert named in on_disk(library)
    assert len(on_disk(library)) == (5 if commits else 1)


def test_a_full_disk_is_told_and_leaves_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.add(artist(1))
    write = thumbnail_files._write
    written: list[str] = []

    def fills_up(stored: str, content: bytes) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(stored)
        write(stored, content)

    monkeypatch.setattr(thumbnail_files, "_write", fills_up)
    answer = upload(library.client(), pictures.jpeg())
    assert (answer.status_code, answer.json) == (503, {"error": "The picture can't be stored at the moment"})
    assert on_disk(library) == []


@pytest.mark.parametrize("stored", ["/etc/hostname", "data/secret_key", "data/thumbnails/artists/out.jpg"])
def test_old_files_outside_the_data_folder_stay(library: Library, stored: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"private")
    secret = library.file("data/secret_key")
    link = library.file("data/thumbnails/artists/out.jpg")
    link.unlink()
    link.symlink_to(outside)
    library.add(artist(1, thumbnail_path=stored, thumbnail_metadata={"sizes": {"small": {"path": stored}}}))
    assert upload(library.client(), pictures.jpeg()).status_code == 200
    assert (outside.exists(), secret.exists()) == (True, True)


def test_a_picture_that_another_artist_uses_stays(library: Library) -> None:
    shared = library.file(OLD)
    library.add(artist(1, thumbnail_path=OLD), artist(2, thumbnail_path=OLD))
    assert library.client().put(URL, json={"remove_thumbnail": True}).status_code == 200
    assert shared.exists()
    assert library.client().put("/api/artists/2/thumbnail", json={"remove_thumbnail": 1}).status_code == 200
    assert not shared.exists()


def test_a_crop_replaces_the_picture_and_its_files(library: Library) -> None:
    library.add(artist(1))
    client = library.client()
    upload(client, pictures.turned())
    answer = body(client.post(f"{URL}/crop", json={"crop_box": [0, 0, 240, 100]}))
    assert (answer["crop_box"], answer["metadata"]["original_size"]) == ([0, 0, 240, 100], [240, 100])
    assert library.one(Artist, 1).thumbnail_source == "manual_crop"
    assert len(on_disk(library)) == 4


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "crop_box is required"),
        ({"crop_box": [0, 0, 10]}, "crop_box must be [left, top, right, bottom]"),
        ({"crop_box": ["a", 0, 1, 1]}, "crop_box must be [left, top, right, bottom] in whole pixels"),
        ({"crop_box": [0, 0, 5000, 5000]}, "crop_box must be [left, top, right, bottom] inside the picture, which is"),
        ({"crop_box": [10, 10, 5, 5]}, "crop_box must be [left, top, right, bottom] inside"),
    ],
)
def test_bad_boxes_change_nothing(library: Library, sent: Any, error: str) -> None:
    library.file(OLD, pictures.jpeg())
    library.add(artist(1, thumbnail_path=OLD))
    answer = library.client().post(f"{URL}/crop", json=sent)
    assert (answer.status_code, error in body(answer)["error"]) == (400, True)
    assert on_disk(library) == ["thumbnails/artists/old.jpg"]


def test_without_a_picture_there_is_nothing_to_crop(library: Library) -> None:
    library.add(artist(1))
    answer = library.client().post(f"{URL}/crop", json={"crop_box": [0, 0, 1, 1]})
    assert (answer.status_code, answer.json) == (400, {"error": "No thumbnail to crop"})


def test_an_address_is_refused_and_loses_nothing(library: Library) -> None:
    library.file(OLD)
    library.add(artist(1, thumbnail_path=OLD))
    for url, error in (("ftp://x/y", "Invalid thumbnail URL format"), ("http://127.0.0.1:9/x", "Failed to download")):
        answer = library.client().put(URL, json={"thumbnail_url": url})
        assert (answer.status_code, error in body(answer)["error"]) == (400, True)
    assert (library.one(Artist, 1).thumbnail_path, len(on_disk(library))) == (OLD, 1)


def test_a_video_gets_a_picture_an_address_and_none(library: Library) -> None:
    library.add(artist(1), video(1, title="Love (Remix)"))
    client, url = library.client(), "/api/videos/1/thumbnail"
    answer = body(upload(client, pictures.jpeg(), url=url))
    assert answer["thumbnail_path"].startswith("data/thumbnails/videos/medium/nova_kestrel_love_remix_")
    assert body(client.get(f"{url}/info"))["size"] == [300, 225]
    assert client.put(url, json={"thumbnail_url": "not a url"}).json == {
        "message": "Thumbnail URL updated successfully"
    }
    kept: Video = library.one(Video, 1)
    assert (kept.thumbnail_url, kept.thumbnail_path, on_disk(library)) == ("not a url", None, [])
    assert client.put(url, json={"action": "remove"}).json == {"message": "Thumbnail removed successfully"}
    assert client.put(url, json={}).json == {"error": "Invalid action or missing thumbnail_url"}
    assert set(body(client.get(f"{url}/info")).values()) == {None, False}


def test_statistics_count_files_and_rows(library: Library) -> None:
    library.add(artist(1), artist(2, thumbnail_source="imvdb", thumbnail_url="u"), video(1))
    upload(library.client(), pictures.jpeg())
    with statements(database.of(library.app).engine) as seen:
        told = body(library.client().get("/api/artists/thumbnail-stats"))
    assert len([text for text in seen if text.startswith("SELECT")]) == 1 + 8  # the gate, and 0.9's eight counts
    assert (told["storage"]["total_files"], told["storage"]["by_size"]["small"]) == (4, 1)
    assert told["database"]["artists"]["coverage_percentage"] == 100.0
    assert told["database"]["videos"] == {"total": 1, "with_thumbnails": 0, "coverage_percentage": 0.0}
