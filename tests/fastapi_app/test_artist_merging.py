"""Merging artists loses nothing: rows, flags, keywords, facts, and what refers to them."""

from collections.abc import Callable
from typing import Any

import pytest

from fastapi_app.artists.merging.copies import Copy, Pair, pairs
from fastapi_app.models import Artist, Base, Download, Playlist, PlaylistEntry, Video, VideoStatus
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import CREATED, artist, video
from tests.fastapi_app.stored import everything, one

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


async def merge(client: Client, primary: Any, *secondaries: Any) -> Any:
    body = {"primary_artist_id": primary, "secondary_artist_ids": list(secondaries)}
    return await client.post("/api/artists/merge", **as_json(body))


def copy(row_id: int, artist_id: int, youtube_id: str = "a", **columns: Any) -> Copy:
    return Copy(**{
        "id": row_id, "artist_id": artist_id, "youtube_id": youtube_id, "imvdb_id": None, "local_path": None,
        "status": VideoStatus.WANTED, **columns,
    })  # fmt: skip


async def test_everything_ends_at_the_primary(open_client: Client, rows: Rows) -> None:
    rows(artist(1, "One", keywords=["x"], monitored=False, auto_download=False))
    rows(artist(2, "Two", imvdb_id="91", imvdb_metadata={"id": 91}, keywords=["y", "x"], auto_download=True))
    rows(artist(3, "Three", monitored=True, thumbnail_path="p.jpg", thumbnail_source="manual", keywords="old text"))
    rows(video(1, artist_id=2, genres=["Rock"]), video(2, artist_id=3), video(3, artist_id=1))
    rows(
        Download(id=1, artist_id=2, video_id=1, title="a", original_url="u"),
        Download(id=2, artist_id=3, title="without a video", original_url="u"),
    )
    answer = await merge(open_client, "1", 3, "2")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "message": "Successfully merged 2 artist(s) into One",
            "merged_count": 2,
            "merged_artists": ["Two", "Three"],
            "primary_artist_id": 1,
            "primary_artist_name": "One",
        },
    )
    assert [await everything(open_client, table) for table in (Artist, Video, Download)] == [[1], [1, 2, 3], [1, 2]]
    assert {(await one(open_client, Video, row)).artist_id for row in (1, 2, 3)} == {1}
    assert {(await one(open_client, Download, row)).artist_id for row in (1, 2)} == {1}
    kept = await one(open_client, Artist, 1)
    assert (kept.monitored, kept.auto_download, kept.keywords) == (True, True, ["x", "y", "old text"])
    assert (kept.imvdb_id, kept.imvdb_metadata, kept.genres) == ("91", {"id": 91}, ["Rock"])
    assert (kept.thumbnail_path, kept.thumbnail_source, kept.created_at) == ("p.jpg", "manual", CREATED)


async def test_what_the_primary_has_stays(open_client: Client, rows: Rows) -> None:
    rows(artist(1, imvdb_id="1", thumbnail_url="u", spotify_id="s", genres=["Folk"], keywords="text", folder_path="f"))
    rows(artist(2, "Two", imvdb_id="2", thumbnail_path="p", thumbnail_source="manual", spotify_id="t"))
    assert (await merge(open_client, 1, 2)).status_code == 200
    kept = await one(open_client, Artist, 1)
    assert (kept.imvdb_id, kept.thumbnail_url, kept.thumbnail_path, kept.thumbnail_source) == ("1", "u", None, None)
    assert (kept.spotify_id, kept.genres, kept.keywords, kept.folder_path) == ("s", ["Folk"], "text", "f")


async def test_two_rows_of_one_video_become_one_without_loss(open_client: Client, rows: Rows) -> None:
    rows(artist(1), artist(2, "Two"))
    rows(video(1, artist_id=1, youtube_id="same", imvdb_id="8", year=1999, status=VideoStatus.IGNORED))
    rows(video(2, artist_id=2, youtube_id="same", local_path="data/musicvideos/a.mp4", duration=200, quality=""))
    rows(video(3, artist_id=2, youtube_id="SAME", title="another: YouTube minds the case"))
    rows(Download(id=1, artist_id=1, video_id=1, title="a", original_url="u"))
    rows(Playlist(id=1, name="has the one that goes"), Playlist(id=2, name="has both"))
    rows(*(PlaylistEntry(playlist_id=a, video_id=b, position=b) for a, b in ((1, 1), (2, 1), (2, 2))))
    assert (await merge(open_client, 1, 2)).status_code == 200
    assert await everything(open_client, Video) == [2, 3]
    assert await everything(open_client, PlaylistEntry) == [1, 3]
    assert (await one(open_client, PlaylistEntry, 1)).video_id == 2
    kept = await one(open_client, Video, 2)
    assert (kept.artist_id, kept.local_path, kept.duration) == (1, "data/musicvideos/a.mp4", 200)
    assert (kept.imvdb_id, kept.year, kept.status) == ("8", 1999, VideoStatus.WANTED)
    assert (await one(open_client, Download, 1)).video_id == 2


def test_rows_that_both_hold_something_of_their_own_stay_two() -> None:
    assert pairs([copy(1, 1), copy(2, 2)], 1) == [Pair(1, 2)]
    assert pairs([copy(1, 1), copy(2, 1)], 1) == []
    assert pairs([copy(1, 1, local_path="a"), copy(2, 2, local_path="b")], 1) == []
    assert pairs([copy(1, 1, imvdb_id="1"), copy(2, 2, imvdb_id="2")], 1) == []
    assert pairs([copy(1, 1), copy(2, 2, status=VideoStatus.DOWNLOADING)], 1) == []
    assert pairs([copy(1, 2), copy(2, 1)], 1) == [Pair(2, 1)]


def test_three_copies_are_folded_one_after_the_other() -> None:
    three = [copy(1, 1, imvdb_id="7"), copy(2, 2, local_path="a"), copy(3, 3, imvdb_id="8")]
    assert pairs(three, 1) == [Pair(2, 1)]
    assert pairs([*three[:2], copy(3, 3)], 1) == [Pair(2, 1), Pair(2, 3)]


async def test_merges_that_can_not_be_change_nothing(open_client: Client, rows: Rows) -> None:
    rows(artist(1), artist(2, "Two"), video(1, artist_id=2))
    refused: list[tuple[int, str, Any, Any]] = [
        (400, "primary_artist_id cannot be in secondary_artist_ids", 1, [1]),
        (400, "primary_artist_id cannot be in secondary_artist_ids", 1, [2, "1"]),
        (400, "secondary_artist_ids must name each artist once", 1, [2, "2"]),
        (400, "secondary_artist_ids must be a non-empty list", 1, []),
        (400, "secondary_artist_ids must be a non-empty list", 1, 2),
        (400, "secondary_artist_ids must be made of artist ids", 1, [None]),
        (400, "primary_artist_id must be made of artist ids", None, [2]),
        (400, "primary_artist_id must be made of artist ids", True, [2]),
        (404, "Primary artist not found", 99, [2]),
        (404, "Primary artist not found", "x", [2]),
        (404, "One or more secondary artists not found", 1, [2, 99]),
        (404, "One or more secondary artists not found", 1, [2, "x"]),
        (404, "One or more secondary artists not found", 1, [10**30]),
    ]
    for status, error, primary, secondaries in refused:
        body = {"primary_artist_id": primary, "secondary_artist_ids": secondaries}
        answer = await open_client.post("/api/artists/merge", json=body)
        assert (answer.status_code, answer.json()) == (status, {"error": error}), body
    incomplete: list[Any] = [None, [], {}, {"primary_artist_id": 1}]
    for given in incomplete:
        answer = await open_client.post("/api/artists/merge", **as_json(given))
        assert answer.json() == {"error": "primary_artist_id and secondary_artist_ids required"}
    assert [await everything(open_client, table) for table in (Artist, Video)] == [[1, 2], [1]]
    assert (await one(open_client, Video, 1)).artist_id == 2


def test_no_other_table_refers_to_artists_or_videos() -> None:
    referring = {
        (str(key.column), str(key.parent))
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in ("artists", "videos")
    }
    assert referring == {
        ("artists.id", "videos.artist_id"),
        ("artists.id", "downloads.artist_id"),
        ("videos.id", "downloads.video_id"),
        ("videos.id", "playlist_entries.video_id"),
    }
