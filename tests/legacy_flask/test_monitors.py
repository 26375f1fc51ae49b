"""Watched playlists and the counts of discovery."""

import json
from datetime import timedelta

import pytest

from fastapi_app.models import Download, PlaylistMonitor, Setting, Video, now
from tests.legacy_flask.library import CREATED, Library, artist, video


def watched(library: Library) -> None:
    columns = {"playlist_id": "PL1", "playlist_url": "u", "name": "One", "keywords": '["a"]', "created_at": CREATED}
    library.add(artist(1), PlaylistMonitor(id=1, **columns))
    for number in range(1, 8):
        created = CREATED + timedelta(hours=number)
        library.add(video(number, created_at=created, playlist_id="PL1" if number < 7 else None, title=f"S{number}"))
    library.add(Download(id=1, artist_id=1, video_id=1, title="t", original_url="u"))


def test_the_newest_videos_are_shown(library: Library) -> None:
    watched(library)
    answer = library.client().get("/api/youtube/playlists/").json
    assert answer is not None
    playlist = answer["playlists"][0]
    assert (playlist["video_count"], playlist["keywords"]) == (6, ["a"])
    assert [row["id"] for row in playlist["recent_videos"]] == [6, 5, 4, 3, 2]


def test_a_change_is_stored_as_0_9_reads_it(library: Library) -> None:
    watched(library)
    client = library.client()
    assert client.put("/api/youtube/playlists/1", json={"keywords": ["ü"], "playlist_id": "x"}).status_code == 200
    row = library.one(PlaylistMonitor, 1)
    assert (row.keywords, row.playlist_id) == (json.dumps(["ü"]), "PL1")
    assert client.put("/api/youtube/playlists/1", json={"bogus": 1}).json == {"error": "No valid fields to update"}
    assert client.put("/api/youtube/playlists/9", json={"name": "x"}).status_code == 404
    assert client.delete("/api/youtube/playlists/9").status_code == 404


@pytest.mark.parametrize(
    ("query", "flag", "left"), [("?delete_videos=True", True, 1), ("?delete_videos=yes", False, 7)]
)
def test_videos_go_with_their_downloads_and_only_when_asked(
    library: Library, query: str, flag: bool, left: int
) -> None:
    watched(library)
    answer = library.client().delete(f"/api/youtube/playlists/1{query}")
    assert (answer.status_code, answer.json and answer.json["videos_deleted"]) == (200, flag)
    assert (library.count(PlaylistMonitor), library.count(Video), library.count(Download)) == (0, left, int(not flag))


def test_the_key_is_shown_to_nobody(library: Library) -> None:
    library.add(Setting(key="youtube_api_key", value="do-not-show"))
    assert library.client().get("/api/youtube/playlists/status").json == {
        "api_key": "********",
        "configured": True,
        "metube_url": "http://localhost:8081",
    }


def test_discovery_counts_the_library(library: Library) -> None:
    library.add(artist(1), video(1, discovered_date=now()), video(2, discovered_date=now() - timedelta(days=8)))
    library.add(Setting(key="imvdb_api_key", value="k"))
    assert library.client().get("/api/discovery/stats").json == {
        "success": True,
        "stats": {
            "total_videos": 2,
            "wanted_videos": 2,
            "downloaded_videos": 0,
            "total_artists": 1,
            "monitored_artists": 1,
            "recent_discoveries": 1,
            "discovery_enabled": True,
        },
    }
