"""The picture routes: what is sent, cut, described, removed and counted."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update

from fastapi_app.models import Artist, Video
from fastapi_app.thumbnails import replacing
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, video
from tests.fastapi_app.thumbnails.shelf import OLD, URL, form, on_disk, put, row
from tests.parity import pictures

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


async def test_a_picture_is_sent_as_what_it_is_not_as_what_it_is_called(open_client: Client, rows: Rows) -> None:
    put(open_client, "data/thumbnails/artists/é.jpg", pictures.transparent())
    rows(artist(thumbnail_path="/app/data/thumbnails/artists/é.jpg"))
    open_client.queries.clear()
    answer = await open_client.get(URL)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["content-disposition"] == "inline; filename=e.jpg; filename*=UTF-8''%C3%A9.jpg"
    assert len(open_client.queries) == 2, open_client.queries  # the gate, the row
    part = await open_client.get(URL, headers={"range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")


@pytest.mark.parametrize("stored", [None, "", "data/thumbnails/gone.jpg", "/etc/passwd", "data/mvidarr.db"])
async def test_without_a_picture_it_is_the_placeholder(open_client: Client, rows: Rows, stored: str | None) -> None:
    rows(artist(thumbnail_path=stored), video(thumbnail_path=stored))
    for path, name in ((URL, "artist"), ("/api/videos/1/thumbnail", "video")):
        answer = await open_client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.headers["content-disposition"] == f"inline; filename=placeholder-{name}.png"


@pytest.mark.parametrize("path", ["", "/info", "/small"])
async def test_unknown_artists_have_no_picture(open_client: Client, path: str) -> None:
    for row_id in ("999", "9" * 30):
        answer = await open_client.get(f"/api/artists/{row_id}/thumbnail{path}")
        assert (answer.status_code, answer.json()) == (404, {"error": "Artist not found"})


async def test_a_size_is_the_main_picture_a_placeholder_or_nothing(open_client: Client, rows: Rows) -> None:
    put(open_client, OLD, pictures.jpeg())
    rows(artist(1, thumbnail_path=OLD), artist(2, thumbnail_url="http://images.example/a.jpg"), artist(3))
    assert (await open_client.get("/api/artists/1/thumbnail/small")).content == pictures.jpeg()
    waiting = await open_client.get("/api/artists/2/thumbnail/small")
    assert waiting.headers["content-disposition"] == "inline; filename=placeholder-artist.png"
    assert (await open_client.get("/api/artists/3/thumbnail/small")).status_code == 404
    wrong = await open_client.get("/api/artists/1/thumbnail/huge")
    assert wrong.status_code == 400
    assert wrong.json() == {"error": "Invalid size. Valid sizes: ['small', 'medium', 'large', 'original']"}


async def test_facts_about_an_upload(open_client: Client, rows: Rows) -> None:
    rows(artist())
    await open_client.post(f"{URL}/upload", **form(pictures.turned(), "C:\\fakepath\\é.JPEG"))
    info = (await open_client.get(f"{URL}/info")).json()
    facts = info["file_info"]
    assert (info["has_thumbnail"], info["metadata"]["original_filename"]) == (True, "é.JPEG")
    assert (info["metadata"]["original_size"], facts["size"]) == ([240, 320], [225, 300])
    assert (facts["format"], facts["mode"], facts["path"]) == ("JPEG", "RGB", info["thumbnail_path"])


@pytest.mark.parametrize("content", [b"\xff\xd8\xff not a picture", b""])
async def test_facts_about_a_file_that_is_no_picture(open_client: Client, rows: Rows, content: bytes) -> None:
    put(open_client, OLD, content)
    rows(artist(thumbnail_path=OLD), video(thumbnail_path=OLD))
    assert (await open_client.get(f"{URL}/info")).json()["file_info"] is None
    facts = (await open_client.get("/api/videos/1/thumbnail/info")).json()
    assert ("size" in facts, facts["has_thumbnail"]) == (False, True)


async def test_a_picture_that_another_artist_uses_stays(open_client: Client, rows: Rows) -> None:
    shared = put(open_client, OLD, b"shared")
    rows(artist(1, thumbnail_path=OLD), artist(2, thumbnail_path=OLD))
    assert (await open_client.put(URL, json={"remove_thumbnail": True})).status_code == 200
    assert shared.exists()
    assert (await open_client.put("/api/artists/2/thumbnail", json={"remove_thumbnail": True})).status_code == 200
    assert not shared.exists()


async def test_a_crop_replaces_the_picture_and_its_files(open_client: Client, rows: Rows) -> None:
    rows(artist())
    await open_client.post(f"{URL}/upload", **form(pictures.jpeg()))
    answer = (await open_client.post(f"{URL}/crop", json={"crop_box": [10, 130, 210, 230]})).json()
    assert (answer["crop_box"], answer["metadata"]["original_size"]) == ([10, 130, 210, 230], [200, 100])
    assert answer["metadata"]["original_filename"].startswith("cropped_nova_kestrel_")
    assert answer["metadata"]["sizes"]["small"]["size"] == [150, 75]
    assert (await row(open_client)).thumbnail_source == "manual_crop"
    assert len(on_disk(open_client)) == 4
    sent = (await open_client.get(f"{URL}/original")).content
    with Image.open(BytesIO(sent)) as image:
        found = image.getpixel((100, 50))
    assert isinstance(found, tuple)
    assert found[2] - found[0] > 200  # the blue half


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "crop_box is required"),
        ([], "crop_box is required"),
        ({"crop_box": [0, 0, 10]}, "crop_box must be [left, top, right, bottom]"),
        ({"crop_box": ["a", 0, 1, 1]}, "crop_box"),
        ({"crop_box": [0, 0, 5000, 5000]}, "320 by 240"),
        ({"crop_box": [10, 10, 5, 5]}, "crop_box"),
        ({"crop_box": [0, 0, 10**30, 5]}, "crop_box"),
    ],
)
async def test_bad_boxes_change_nothing(open_client: Client, rows: Rows, body: Any, error: str) -> None:
    put(open_client, OLD, pictures.jpeg())
    rows(artist(thumbnail_path=OLD))
    answer = await open_client.post(f"{URL}/crop", **as_json(body))
    assert (answer.status_code, error in answer.json()["error"]) == (400, True)
    assert on_disk(open_client) == ["thumbnails/artists/old.jpg"]


async def test_without_a_picture_there_is_nothing_to_crop(open_client: Client, rows: Rows) -> None:
    rows(artist(1), artist(2, thumbnail_path="data/thumbnails/gone.jpg"))
    for number in (1, 2):
        answer = await open_client.post(f"/api/artists/{number}/thumbnail/crop", json={"crop_box": [0, 0, 1, 1]})
        assert (answer.status_code, answer.json()) == (400, {"error": "No thumbnail to crop"})
    assert (await open_client.post("/api/artists/9/thumbnail/crop", json={"crop_box": [0, 0, 1, 1]})).status_code == 404


async def test_a_crop_of_a_picture_that_was_replaced_meanwhile_is_a_conflict(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(open_client, OLD, pictures.jpeg())
    put(open_client, "data/thumbnails/artists/new.jpg", b"new")
    rows(artist(thumbnail_path=OLD))
    work = replacing.in_thread

    async def slowly(*arguments: Any) -> replacing.Made:
        made = await work(*arguments)
        async with open_client.state["database"].writing() as session:
            await session.execute(update(Artist).values(thumbnail_path="data/thumbnails/artists/new.jpg"))
        return made

    monkeypatch.setattr("fastapi_app.thumbnails.artists.in_thread", slowly)
    answer = await open_client.post(f"{URL}/crop", json={"crop_box": [0, 0, 10, 10]})
    assert answer.status_code == 409
    assert (await row(open_client)).thumbnail_path == "data/thumbnails/artists/new.jpg"
    assert on_disk(open_client) == ["thumbnails/artists/new.jpg", "thumbnails/artists/old.jpg"]


async def test_removing_takes_all_sizes(open_client: Client, rows: Rows) -> None:
    rows(artist())
    await open_client.post(f"{URL}/upload", **form(pictures.jpeg()))
    answer = (await open_client.put(URL, json={"remove_thumbnail": True, "thumbnail_url": "http://x/y"})).json()
    assert answer["artist"] == {"id": 1, "name": "Nova Kestrel", "thumbnail_url": None, "thumbnail_path": None}
    assert on_disk(open_client) == []
    assert (await open_client.get(f"{URL}/info")).json()["has_thumbnail"] is False
    assert (await open_client.get(f"{URL}/small")).status_code == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Request data is required"),
        ([1], "Request data is required"),
        ({"x": 1}, "Either thumbnail_url or remove_thumbnail must be provided"),
        ({"thumbnail_url": ""}, "Either thumbnail_url or remove_thumbnail must be provided"),
        ({"thumbnail_url": "ftp://x/y.jpg"}, "Invalid thumbnail URL format"),
        ({"thumbnail_url": 5}, "thumbnail_url must be text"),
        ({"thumbnail_url": "http://" + "x" * 500}, "thumbnail_url must be text of at most 500 characters"),
        ({"thumbnail_url": "http://127.0.0.1:9/x.jpg"}, "Failed to download thumbnail from URL"),
        ({"remove_thumbnail": "maybe"}, "remove_thumbnail must be true or false"),
    ],
)
async def test_other_changes_are_refused_and_lose_nothing(
    open_client: Client, rows: Rows, body: Any, error: str
) -> None:
    put(open_client, OLD, b"old")
    rows(artist(thumbnail_path=OLD))
    answer = await open_client.put(URL, **as_json(body))
    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert (await row(open_client)).thumbnail_path == OLD
    assert on_disk(open_client) == ["thumbnails/artists/old.jpg"]


async def test_a_videos_picture_is_uploaded(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(title="Love (Remix)", thumbnail_url="http://x/y.jpg"))
    answer = (await open_client.post("/api/videos/1/thumbnail/upload", **form(pictures.jpeg(), field="file"))).json()
    assert answer["message"] == "Thumbnail uploaded successfully"
    assert answer["thumbnail_path"].startswith("data/thumbnails/videos/medium/nova_kestrel_love_remix_")
    assert (await open_client.get("/api/videos/1/thumbnail")).headers["content-type"] == "image/jpeg"
    info = (await open_client.get("/api/videos/1/thumbnail/info")).json()
    assert (info["size"], info["thumbnail_url"], info["thumbnail_source"]) == ([300, 225], None, "manual")
    assert info["thumbnail_metadata"] == answer["metadata"]


async def test_a_videos_address_is_kept_and_its_file_goes(open_client: Client, rows: Rows) -> None:
    rows(artist(), video())
    await open_client.post("/api/videos/1/thumbnail/upload", **form(pictures.jpeg(), field="file"))
    answer = await open_client.put("/api/videos/1/thumbnail", json={"thumbnail_url": "not a url"})
    assert answer.json() == {"message": "Thumbnail URL updated successfully"}
    kept = await row(open_client, 1, Video)
    assert (kept.thumbnail_url, kept.thumbnail_path, kept.thumbnail_source) == ("not a url", None, "manual")
    assert on_disk(open_client) == []
    answer = await open_client.put("/api/videos/1/thumbnail", json={"action": "remove"})
    assert answer.json() == {"message": "Thumbnail removed successfully"}
    assert (await open_client.get("/api/videos/1/thumbnail/info")).json() == {
        "has_thumbnail": False,
        "thumbnail_url": None,
        "thumbnail_path": None,
        "thumbnail_source": None,
        "thumbnail_uploaded_at": None,
        "thumbnail_metadata": None,
    }


@pytest.mark.parametrize("body", [{}, [], None, {"action": "bogus", "thumbnail_url": "x"}, {"thumbnail_url": None}])
async def test_other_changes_of_a_video_are_refused(open_client: Client, rows: Rows, body: Any) -> None:
    rows(artist(), video())
    answer = await open_client.put("/api/videos/1/thumbnail", **as_json(body))
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid action or missing thumbnail_url"})
    assert (await open_client.put("/api/videos/9/thumbnail", json={"action": "remove"})).status_code == 404


async def test_statistics_count_files_and_rows(open_client: Client, rows: Rows) -> None:
    rows(artist(1), artist(2, thumbnail_source="imvdb", thumbnail_url="u"), artist(3), video(1, thumbnail_path="x"))
    await open_client.post(f"{URL}/upload", **form(pictures.jpeg()))
    put(open_client, "data/thumbnails/videos/small town.jpg", b"12345")
    open_client.queries.clear()
    told = (await open_client.get("/api/artists/thumbnail-stats")).json()
    assert len(open_client.queries) == 2, open_client.queries  # the gate, the counts
    storage = told["storage"]
    assert (storage["total_files"], storage["artist_thumbnails"], storage["video_thumbnails"]) == (5, 4, 1)
    assert storage["by_size"] == {"small": 1, "medium": 1, "large": 1, "original": 1}
    assert told["database"] == {
        "artists": {
            "total": 3,
            "with_thumbnails": 2,
            "coverage_percentage": 66.67,
            "by_source": {"imvdb": 1, "wikipedia": 0, "manual": 1, "manual_crop": 0},
        },
        "videos": {"total": 1, "with_thumbnails": 1, "coverage_percentage": 100.0},
    }


async def test_an_empty_library_has_statistics(open_client: Client) -> None:
    told = (await open_client.get("/api/artists/thumbnail-stats")).json()
    assert (told["storage"]["total_size_mb"], told["database"]["videos"]["coverage_percentage"]) == (0.0, 0)
