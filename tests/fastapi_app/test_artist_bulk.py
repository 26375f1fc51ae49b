"""Changing and deleting many artists at once: what is skipped, what is refused, what goes along."""

from collections.abc import Callable
from typing import Any

import pytest

from fastapi_app.models import Artist, Download, Video
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, video
from tests.fastapi_app.stored import everything, one

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

IDS: tuple[Any, ...] = (None, "x", {}, [], 5, [None], [True], [[1]], [{}], [1] * 10_001)


async def test_only_known_members_change_and_only_rows_that_differ(open_client: Client, rows: Rows) -> None:
    rows(artist(1), artist(2, "Other", monitored=False, auto_download=True, keywords=["a"]))
    body = {"artist_ids": [1, "2", 2.0, 99, "x", 0], "updates": {"monitored": 0, "auto_download": True, "name": "no"}}
    answer = await open_client.post("/api/artists/bulk-edit", json=body)
    assert (answer.status_code, answer.json()) == (200, {"updated_count": 2, "error": None})
    changed, same = await one(open_client, Artist, 1), await one(open_client, Artist, 2)
    assert (changed.monitored, changed.auto_download, changed.name) == (False, True, "Nova Kestrel")
    assert (changed.updated_at > same.updated_at, same.keywords) == (True, ["a"])


async def test_keywords_are_read_as_in_one_artist(open_client: Client, rows: Rows) -> None:
    rows(artist())
    for given, kept in ((["a", 1], ["a", 1]), (" a,, b ", ["a", "b"]), (None, None)):
        body = {"artist_ids": [1], "updates": {"keywords": given, "monitored": None}}
        assert (await open_client.post("/api/artists/bulk-edit", json=body)).status_code == 200
        assert (await one(open_client, Artist, 1)).keywords == kept


async def test_edits_that_can_not_be_name_the_field_and_change_nothing(open_client: Client, rows: Rows) -> None:
    rows(artist(monitored=True))
    flag = {"monitored": False}
    bodies: list[tuple[Any, str]] = [(None, "updates"), ([], "updates"), ("artist_ids updates", "updates")]
    bodies += [({"artist_ids": [1]}, "updates"), ({"artist_ids": [1], "updates": None}, "updates")]
    bodies += [({"artist_ids": [1], "updates": ["monitored"]}, "updates")]
    bodies += [({"artist_ids": ids, "updates": flag}, "artist_ids") for ids in IDS]
    bodies += [({"artist_ids": [1], "updates": {**flag, "auto_download": "maybe"}}, "auto_download")]
    bodies += [({"artist_ids": [1], "updates": {**flag, "keywords": {"a": 1}}}, "keywords")]
    for body, field in bodies:
        answer = await open_client.post("/api/artists/bulk-edit", **as_json(body))
        assert (answer.status_code, field in answer.json()["error"]) == (400, True), body
    assert (await one(open_client, Artist, 1)).monitored is True
    assert (await open_client.post("/api/artists/bulk-edit", content="{}")).status_code == 415


async def test_deleting_takes_everything_of_the_artists_and_nothing_else(open_client: Client, rows: Rows) -> None:
    picture = open_client.config.data_dir / "thumbnails/artists/a.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"x")
    rows(artist(1, thumbnail_path="data/thumbnails/artists/a.jpg"), artist(2, "Other"), artist(3, "Kept"))
    rows(video(1), video(2, artist_id=2), video(3, artist_id=3))
    rows(
        Download(id=1, artist_id=1, title="a", original_url="u"),
        Download(id=2, artist_id=3, video_id=2, title="of a deleted video", original_url="u"),
        Download(id=3, artist_id=3, video_id=3, title="kept", original_url="u"),
    )
    answer = await open_client.post("/api/artists/bulk-delete", json={"artist_ids": ["2", 1, 1, 99]})
    assert answer.json() == {
        "success": True,
        "message": "Successfully deleted 2 artist(s)",
        "deleted_count": 2,
        "deleted_artists": ["Nova Kestrel", "Other"],
    }
    assert [await everything(open_client, table) for table in (Artist, Video, Download)] == [[3], [3], [3]]
    assert picture.exists()


async def test_deletions_that_can_not_be_are_refused(open_client: Client, rows: Rows) -> None:
    rows(artist())
    bodies: list[Any] = [None, [], {}, {"ids": [1]}, *({"artist_ids": ids} for ids in IDS)]
    for body in bodies:
        answer = await open_client.post("/api/artists/bulk-delete", **as_json(body))
        assert (answer.status_code, "artist_ids" in answer.json()["error"]) == (400, True), body
    none = await open_client.post("/api/artists/bulk-delete", json={"artist_ids": ["x", 10**30, -1, 1.5]})
    assert (none.status_code, none.json()["deleted_count"]) == (200, 0)
    assert await everything(open_client, Artist) == [1]


async def test_cleaning_up_spares_artists_with_videos_and_takes_pictures(open_client: Client, rows: Rows) -> None:
    pictures = open_client.config.data_dir / "thumbnails/artists"
    pictures.mkdir(parents=True)
    for name in ("a.jpg", "b.jpg"):
        (pictures / name).write_bytes(b"x")
    rows(artist(1, thumbnail_path="data/thumbnails/artists/a.jpg"), artist(3, "Empty", thumbnail_path="/etc/passwd"))
    rows(artist(2, "Full", thumbnail_path="data/thumbnails/artists/b.jpg"), video(1, artist_id=2))
    rows(Download(id=1, artist_id=1, title="a", original_url="u"))
    done = (await open_client.post("/api/artists/cleanup-zero-videos", content=b"{bad")).json()
    assert (done["deleted_artists"], done["deleted_count"]) == (["Nova Kestrel", "Empty"], 2)
    assert done["message"] == "Successfully deleted 2 artists with 0 videos"
    assert [path.name for path in pictures.iterdir()] == ["b.jpg"]
    again = (await open_client.post("/api/artists/cleanup-zero-videos")).json()
    assert (again["message"], again["deleted_artists"]) == ("No artists with 0 videos found", [])
    assert [await everything(open_client, table) for table in (Artist, Download)] == [[2], []]
