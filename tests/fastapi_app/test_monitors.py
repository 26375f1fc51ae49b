"""Watched playlists and the counts of discovery."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fastapi_app.models import Download, PlaylistMonitor, Setting, Video, VideoStatus, now
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import CREATED, artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


def monitor(row_id: int = 1, playlist: str = "PLone", **columns: Any) -> PlaylistMonitor:
    given = {"id": row_id, "playlist_id": playlist, "playlist_url": "u", "name": f"List {row_id}"}
    return PlaylistMonitor(**{**given, "created_at": CREATED, "updated_at": CREATED, **columns})


def from_playlist(row_id: int, playlist: str | None = "PLone", **columns: Any) -> Video:
    columns.setdefault("created_at", CREATED + timedelta(hours=row_id))
    return video(row_id, f"Song {row_id}", playlist_id=playlist, **columns)


async def test_a_list_costs_three_queries_however_many_playlists(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(monitor(number, f"PL{number}") for number in range(1, 21)))
    rows(*(from_playlist(number, f"PL{number % 3 + 1}") for number in range(1, 31)))
    open_client.queries.clear()
    page = (await open_client.get("/api/youtube/playlists/")).json()
    assert len(open_client.queries) == 4, open_client.queries  # the gate, the rows, the counts, the newest
    assert (page["count"], [row["video_count"] for row in page["playlists"][:4]]) == (20, [10, 10, 10, 0])
    assert [video["id"] for video in page["playlists"][0]["recent_videos"]] == [30, 27, 24, 21, 18]
    assert page["playlists"][3]["recent_videos"] == []


@pytest.mark.parametrize(
    ("stored", "shown"),
    [(None, []), ('["live", "日本"]', ["live", "日本"]), ("[]", []), (["a", 5], ["a"]), ("{", []), ({"a": 1}, [])],
)
async def test_keywords_are_read_however_they_were_stored(
    open_client: Client, rows: Rows, stored: Any, shown: list[str]
) -> None:
    rows(monitor(keywords=stored, quality=None, auto_download=None))
    assert (await open_client.get("/api/youtube/playlists/1")).json()["keywords"] == shown


async def test_a_change_is_stored_as_0_9_reads_it(open_client: Client, rows: Rows) -> None:
    rows(monitor())
    body = {"name": "Édité", "auto_download": 0, "quality": "best", "keywords": ["ü"], "playlist_id": "ignored"}
    answer = await open_client.put("/api/youtube/playlists/1", json=body)
    assert answer.json() == {"success": True, "message": "Playlist monitor updated successfully"}
    async with open_client.state["database"].reading() as session:
        row = await session.get_one(PlaylistMonitor, 1)
    assert (row.name, row.auto_download, row.quality, row.playlist_id) == ("Édité", False, "best", "PLone")
    assert row.keywords == json.dumps(["ü"])


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "No valid fields to update"),
        ({"bogus": 1}, "No valid fields to update"),
        ([], "The body must be a JSON object"),
        ({"name": None}, "name must be text"),
        ({"name": "x" * 256}, "name must be text of at most 255 characters"),
        ({"auto_download": None}, "auto_download must be true or false"),
        ({"auto_download": "yes"}, "auto_download must be true or false"),
        ({"quality": "x" * 51}, "quality must be text of at most 50 characters"),
        ({"keywords": "a,b"}, "keywords must be a list of texts"),
        ({"keywords": [5]}, "keywords must be a list of texts"),
        ({"keywords": ["\0"]}, "keywords must be text without NUL characters and lone surrogates"),
    ],
)
async def test_a_change_that_can_not_be_is_named(open_client: Client, rows: Rows, body: object, error: str) -> None:
    rows(monitor())
    answer = await open_client.put("/api/youtube/playlists/1", **as_json(body))
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("number", ["1", "0", "9" * 30])
async def test_an_unknown_playlist_is_not_found(open_client: Client, method: str, number: str) -> None:
    answer = await open_client.request(method, f"/api/youtube/playlists/{number}", json={"name": "x"})
    assert (answer.status_code, answer.json()) == (404, {"error": "Playlist monitor not found"})


async def remaining(client: Client) -> tuple[list[int], list[int]]:
    videos = (await client.get("/api/videos/?sort=created_at")).json()["videos"]
    async with client.state["database"].reading() as session:
        downloads = [row for number in (1, 2) if (row := await session.get(Download, number))]
    return sorted(row["id"] for row in videos), [row.id for row in downloads]


@pytest.mark.parametrize(
    ("query", "flag", "left"),
    [
        ("?delete_videos=TRUE", True, ([2], [2])),
        ("?delete_videos=1", False, ([1, 2], [1, 2])),
        ("", False, ([1, 2], [1, 2])),
    ],
)
async def test_the_videos_of_a_playlist_go_with_their_downloads_and_only_when_asked(
    open_client: Client, rows: Rows, query: str, flag: bool, left: tuple[list[int], list[int]]
) -> None:
    rows(artist(), monitor(), from_playlist(1), from_playlist(2, None))
    rows(*(Download(id=n, artist_id=1, video_id=n, title="t", original_url="u") for n in (1, 2)))
    answer = (await open_client.delete(f"/api/youtube/playlists/1{query}")).json()
    assert answer["videos_deleted"] is flag
    assert await remaining(open_client) == left


async def test_the_key_is_shown_to_nobody(open_client: Client, rows: Rows) -> None:
    assert (await open_client.get("/api/youtube/playlists/status")).json() == {
        "api_key": None,
        "configured": False,
        "metube_url": "http://localhost:8081",
    }
    rows(Setting(id=8, key="youtube_api_key", value="do-not-show"), Setting(id=9, key="metube_host", value="tube"))
    answer = await open_client.get("/api/youtube/playlists/status")
    assert answer.json() == {"api_key": "********", "configured": True, "metube_url": "http://tube:8081"}


async def test_discovery_counts_the_library_in_one_query(open_client: Client, rows: Rows) -> None:
    rows(artist(1, monitored=True), artist(2, "B", monitored=False), artist(3, "C", monitored=False))
    rows(video(1, discovered_date=now()), video(2, discovered_date=now() - timedelta(days=8)))
    rows(video(3, status=VideoStatus.DOWNLOADED), Setting(id=8, key="imvdb_api_key", value=" "))
    open_client.queries.clear()
    answer = (await open_client.get("/api/discovery/stats")).json()
    assert len(open_client.queries) == 2, open_client.queries  # the gate, the counts
    assert answer == {
        "success": True,
        "stats": {
            "total_videos": 3,
            "wanted_videos": 2,
            "downloaded_videos": 1,
            "total_artists": 3,
            "monitored_artists": 1,
            "recent_discoveries": 1,
            "discovery_enabled": False,
        },
    }
