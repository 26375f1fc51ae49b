"""Merging: nothing that a duplicate knew may be lost, and nothing happens by halves."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from fastapi_app.models import Download, Playlist, PlaylistEntry, Video, VideoStatus
from fastapi_app.videos.duplicates.rules import storable, with_remains
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import CREATED, artist, video
from tests.fastapi_app.test_video_bulk import download

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]
MERGE = "/api/videos/duplicates/merge"
REFUSED: tuple[tuple[Any, int, str], ...] = (
    ({}, 400, "primary_id and duplicate_ids are required"),
    ([1], 400, "primary_id and duplicate_ids are required"),
    ({"primary_id": 1, "duplicate_ids": []}, 400, "primary_id and duplicate_ids are required"),
    ({"primary_id": 1, "duplicate_ids": "2"}, 400, "duplicate_ids must be a list"),
    ({"primary_id": 1, "duplicate_ids": [2, 1]}, 400, "duplicate_ids must not name the primary video"),
    ({"primary_id": 1, "duplicate_ids": [2], "merge_strategy": "x"}, 400, "merge_strategy must be one of"),
    ({"primary_id": 1, "duplicate_ids": [2], "merge_strategy": []}, 400, "merge_strategy must be one of"),
    ({"primary_id": [1], "duplicate_ids": [2]}, 400, "primary_id must be the id of a video"),
    ({"primary_id": 1, "duplicate_ids": [{}]}, 400, "duplicate_ids must be the id of a video"),
    ({"primary_id": 9, "duplicate_ids": [2]}, 404, "Primary video not found"),
    ({"primary_id": "abc", "duplicate_ids": [2]}, 404, "Primary video not found"),
    ({"primary_id": 1, "duplicate_ids": [2, 9]}, 404, "One or more duplicate videos not found"),
    ({"primary_id": 1, "duplicate_ids": [2, 2]}, 404, "One or more duplicate videos not found"),
    ({"primary_id": 1, "duplicate_ids": [2, 2**40]}, 404, "One or more duplicate videos not found"),
)


async def stored(client: Client, video_id: int) -> Video | None:
    async with client.state["database"].reading() as session:
        found: Video | None = await session.get(Video, video_id)
        return found


def merged(kept: Video) -> list[dict[str, Any]]:
    """What the kept video had no room for."""
    remains: list[dict[str, Any]] = (kept.video_metadata or {})["merged_videos"]
    return remains


async def downloads(client: Client) -> list[tuple[int | None, int, str | None]]:
    async with client.state["database"].reading() as session:
        rows = await session.execute(
            select(Download.video_id, Download.artist_id, Download.file_path).order_by(Download.id)
        )
        return [tuple(row) for row in rows]


async def test_whatever_a_duplicate_had_stays_in_the_library(open_client: Client, rows: Rows) -> None:
    rows(artist(1), artist(2, "Nova Kestrel (Topic)"), video(1, year=1999, url="http://a", description="ours"))
    rows(
        video(
            2,
            "Glass Harbour",
            2,
            imvdb_id="77",
            youtube_id="y2",
            youtube_url="http://y2",
            playlist_id="PL1",
            playlist_position=0,
            local_path="data/musicvideos/a.mp4",
            quality="720p",
            status=VideoStatus.DOWNLOADED,
            thumbnail_path="data/thumbnails/videos/a.jpg",
            thumbnail_uploaded_at=CREATED,
            year=2001,
            url="http://b",
            description="theirs",
            directors=["Ann"],
            imvdb_metadata={"id": 77},
            view_count=5,
        )
    )
    rows(download(1, 1), download(2, 2, artist_id=2), download(3, None))
    answer = await open_client.post(MERGE, json={"primary_id": 1, "duplicate_ids": [2]})
    assert answer.json() == {
        "success": True,
        "message": "Successfully merged 1 duplicate videos",
        "primary_video_id": 1,
        "merged_videos": [
            {
                "merged_video_id": 2,
                "merged_title": "Glass Harbour",
                "merged_data": {"local_path": "data/musicvideos/a.mp4"},
            }
        ],
        "merge_strategy": "keep_primary",
    }
    kept = await stored(open_client, 1)
    assert kept is not None
    assert await stored(open_client, 2) is None
    assert await downloads(open_client) == [(1, 1, None), (1, 1, None), (None, 1, None)]
    assert (kept.imvdb_id, kept.youtube_id, kept.youtube_url) == ("77", "y2", "http://y2")
    assert (kept.playlist_id, kept.playlist_position) == ("PL1", 0)
    assert (kept.local_path, kept.status, kept.quality) == ("data/musicvideos/a.mp4", VideoStatus.DOWNLOADED, "720p")
    assert (kept.thumbnail_path, kept.thumbnail_uploaded_at) == ("data/thumbnails/videos/a.jpg", CREATED)
    assert (kept.title, kept.year, kept.url, kept.imvdb_metadata) == ("Glass Harbor", 1999, "http://a", None)
    assert merged(kept) == [
        {
            "id": 2,
            "title": "Glass Harbour",
            "artist_id": 2,
            "year": 2001,
            "url": "http://b",
            "description": "theirs",
            "directors": ["Ann"],
            "imvdb_metadata": {"id": 77},
            "view_count": 5,
        }
    ]


async def test_the_kept_video_is_where_its_duplicates_were_in_playlists(open_client: Client, rows: Rows) -> None:
    rows(artist(1), video(1), video(2), video(3), *(Playlist(id=number, name=f"list {number}") for number in (1, 2)))
    places = ((1, 1, 3, 4), (2, 1, 1, 8), (3, 2, 2, 4), (4, 2, 3, 8))
    rows(*(PlaylistEntry(id=row, playlist_id=of, video_id=what, position=at) for row, of, what, at in places))
    assert (await open_client.post(MERGE, json={"primary_id": 1, "duplicate_ids": [2, 3]})).status_code == 200
    async with open_client.state["database"].reading() as session:
        query = select(PlaylistEntry.id, PlaylistEntry.playlist_id, PlaylistEntry.video_id).order_by(PlaylistEntry.id)
        assert [tuple(row) for row in await session.execute(query)] == [(2, 1, 1), (3, 2, 1)]


async def test_data_is_filled_in_where_there_is_none_and_told(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1, thumbnail_url="http://own"), video(2, year=1999, url="http://b", thumbnail_url="http://t"))
    rows(video(3, year=2000, imvdb_metadata={"a": 1}), video(4))
    body = {"primary_id": "1", "duplicate_ids": [3, "2"], "merge_strategy": "merge_data"}
    answer = (await open_client.post(MERGE, json=body)).json()
    assert answer["primary_video_id"] == "1"
    told = [(one["merged_video_id"], one["merged_data"]) for one in answer["merged_videos"]]
    assert told == [(2, {"year": 1999, "url": "http://b"}), (3, {"imvdb_metadata": "merged"})]
    kept = await stored(open_client, 1)
    assert kept is not None
    assert (kept.year, kept.url, kept.thumbnail_url) == (1999, "http://b", "http://own")
    assert [one["id"] for one in merged(kept)] == [2, 3]
    assert await stored(open_client, 4) is not None


async def test_a_second_film_becomes_a_download_of_the_kept_video(open_client: Client, rows: Rows) -> None:
    rows(
        artist(),
        video(1, local_path="data/a.mp4"),
        video(2, local_path="data/b.mp4"),
        video(3, local_path="data/c.mp4"),
    )
    rows(video(4, local_path="data/a.mp4"), download(1, 3, file_path="data/c.mp4"))
    body = {"primary_id": 1, "duplicate_ids": [2, 3, 4]}
    assert (await open_client.post(MERGE, json=body)).status_code == 200
    assert await downloads(open_client) == [(1, 1, "data/c.mp4"), (1, 1, "data/b.mp4")]
    kept = await stored(open_client, 1)
    assert kept is not None
    assert kept.local_path == "data/a.mp4"


async def test_bad_ids_change_nothing(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1), video(2), download(1, 2))
    for body, status, error in REFUSED:
        answer = await open_client.post(MERGE, **as_json(body))
        assert (answer.status_code, answer.json()["error"].startswith(error)) == (status, True), answer.text
    assert await downloads(open_client) == [(2, 1, None)]
    assert await stored(open_client, 2) is not None


async def test_odd_metadata_of_old_rows_survives(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1, video_metadata=["old"], genres={"a": 1}), video(2, video_metadata={"b": [1.5]}))
    assert (await open_client.post(MERGE, json={"primary_id": 1, "duplicate_ids": [2]})).status_code == 200
    kept = await stored(open_client, 1)
    assert kept is not None
    assert (kept.video_metadata or {})["value"] == ["old"]
    assert merged(kept)[0]["video_metadata"] == {"b": [1.5]}
    assert with_remains({"merged_videos": "x"}, {"id": 2}) == {"merged_videos": [{"id": 2}]}
    assert storable({"a": [float("inf"), CREATED]}) == {"a": [None, CREATED.isoformat()]}


async def test_duplicates_are_those_with_the_same_imvdb_id(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1), video(2, imvdb_id="77", year=1999))
    detect = "/api/videos/duplicates/detect"
    answer = (await open_client.post(detect, json={"video_id": "1", "imvdb_id": 77})).json()
    assert (answer["duplicates_found"], answer["imvdb_id"]) == (True, 77)
    assert [row["id"] for row in answer["duplicates"]] == [2]
    assert (answer["current_video"]["id"], answer["current_video"]["artist_name"]) == (1, "Nova Kestrel")
    for body in ({"video_id": 2, "imvdb_id": "77"}, {"video_id": 1, "imvdb_id": "78"}):
        assert (await open_client.post(detect, json=body)).json() == {"duplicates_found": False}
    for bad, status in (
        ({"video_id": 9, "imvdb_id": "77"}, 404),
        ({"video_id": "abc", "imvdb_id": "77"}, 404),
        ({"video_id": [1], "imvdb_id": "77"}, 400),
        ({"video_id": 1, "imvdb_id": ["77"]}, 400),
        ({"video_id": 1}, 400),
        ([], 400),
    ):
        assert (await open_client.post(detect, **as_json(bad))).status_code == status, bad
