"""Playlists of rules: what they find is what was meant, at the moment of asking."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fastapi_app.models import Playlist, VideoStatus, now
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video
from tests.playlists.lists import make, playlist, shown, videos

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

DONE = VideoStatus.DOWNLOADED

CASES: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [1, 2, 3, 4, 5, 6]),
    ({"genres": ["ROCK"]}, [1, 2]),
    ({"genres": ["rock", "pop"], "genres_match": "all"}, [2]),
    ({"genres": ["ÉTÉ"]}, [3]),
    ({"genres": ["Ro_k"]}, []),
    ({"genres": ["Roc"]}, []),
    ({"exclude": {"genres": ["pop"]}}, [1, 3, 4, 5, 6]),
    ({"words": ["ALPHA"]}, [1]),
    ({"words": ["zoe"]}, [5]),
    ({"words": ["100%"]}, [4]),
    ({"words": ["%"]}, [4]),
    ({"words": ["bra", "vo"], "words_match": "all"}, [2]),
    ({"artists": [2]}, [5, 6]),
    ({"artist_names": ["BJORK", "Nobody"]}, [5, 6]),
    ({"exclude": {"artist_names": ["björk"], "words": ["Charlie"]}}, [1, 2, 4]),
    ({"year_from": 1990, "year_to": 1999}, [2, 3]),
    ({"year_to": 1989}, [1]),
    ({"duration_from": 100, "duration_to": 200}, [2]),
    ({"status": ["DOWNLOADED", "FAILED"]}, [1, 2, 4]),
    ({"quality": ["1080p"]}, [2]),
    ({"source": ["youtube"]}, [3]),
    ({"source": ["manual"]}, [1, 2, 5, 6]),
    ({"has_file": True}, [1, 2]),
    ({"has_file": False, "status": ["DOWNLOADED"]}, []),
    ({"added_within_days": 7}, [6]),
    ({"match": "any", "genres": ["rock"], "year_from": 1995, "year_to": 1999}, [1, 2, 3]),
    ({"match": "any", "genres": ["rock"], "artists": [2], "exclude": {"words": ["alpha"]}}, [2, 5, 6]),
    ({"sort": "year", "order": "desc", "limit": 2}, [3, 2]),
    ({"sort": "duration", "order": "desc", "limit": 1}, [3]),
    ({"sort": "added", "order": "desc", "limit": 2}, [6, 5]),
    ({"sort": "artist", "order": "asc"}, [5, 6, 4, 1, 2, 3]),
]
"""Rules, and the videos that they find in order."""


def library(rows: Rows) -> None:
    rows(artist(1, "Nova Kestrel"), artist(2, "Björk"))
    rows(
        video(1, "Alpha", genres=["Rock"], year=1985, status=DONE, local_path="a.mp4", duration=90),
        video(
            2,
            "Bravo",
            genres=["rock", "Pop"],
            year=1990,
            status=DONE,
            local_path="b.mp4",
            duration=180,
            quality="1080p",
        ),
        video(3, "Charlie", genres=["Été"], year=1999, youtube_id="y", duration=600),
        video(4, "Delta 100%", imvdb_id="i", status=VideoStatus.FAILED),
        video(5, "Écho Zoé", artist_id=2, local_path=""),
        video(6, "Foxtrot", artist_id=2, created_at=now() - timedelta(days=2)),
    )


async def preview(client: Client, rules: Any, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/playlists/dynamic/preview", json={"filter_criteria": rules, **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["preview"]
    return told


async def make_dynamic(client: Client, rules: Any, **more: Any) -> int:
    body = {"name": "Rules", "filter_criteria": rules, **more}
    made = await client.post("/api/playlists/dynamic", json=body)
    assert (made.status_code, made.json().get("is_dynamic")) == (201, True), made.text
    return int(made.json()["id"])


async def test_rules_find_what_they_say(open_client: Client, rows: Rows) -> None:
    library(rows)
    for rules, expected in CASES:
        found = await preview(open_client, rules)
        assert [row["id"] for row in found["preview_videos"]] == expected, rules
        assert found["total_matches"] == len(expected), rules


async def test_a_preview_shows_the_first_and_counts_all(open_client: Client, rows: Rows) -> None:
    library(rows)
    found = await preview(open_client, {"sort": "title"}, limit=2)
    assert (found["total_matches"], found["limit"], len(found["preview_videos"])) == (6, 2, 2)
    bodies: list[Any] = [{}, {"filter_criteria": {}, "limit": 101}, {"filter_criteria": {}, "limit": 0}, []]
    for body in bodies:
        assert (await open_client.post("/api/playlists/dynamic/preview", json=body)).status_code == 400
    wrong = await open_client.post("/api/playlists/dynamic/preview", json={"filter_criteria": {"year_from": "x"}})
    assert "filter_criteria.year_from" in wrong.json()["error"]


async def test_rules_that_are_looked_at_on_every_read_are_always_right(open_client: Client, rows: Rows) -> None:
    library(rows)
    made = await make_dynamic(open_client, {"genres": ["rock"], "sort": "title"})
    page = await shown(open_client, made, "?per_page=1&page=2")
    entry = page["playlist"]["entries"][0]
    assert (entry["id"], entry["position"], entry["video_id"], page["pagination"]["total"]) == (None, 2, 2, 2)
    assert (await open_client.put("/api/genres/videos/4", json={"genres": ["Rock"]})).status_code == 200
    listed = (await open_client.get("/api/playlists/")).json()["playlists"][0]
    assert (listed["video_count"], listed["total_duration"]) == (2, 270)
    assert await videos(open_client, made) == [1, 2, 4]
    listed = (await open_client.get("/api/playlists/")).json()["playlists"][0]
    assert (listed["video_count"], listed["updated_at"]) == (3, page["playlist"]["updated_at"])


async def test_what_was_found_stays_until_it_is_refreshed(open_client: Client, rows: Rows) -> None:
    library(rows)
    made = await make_dynamic(open_client, {"genres": ["rock"]}, auto_update=False)
    await open_client.put("/api/genres/videos/4", json={"genres": ["Rock"]})
    await open_client.put("/api/genres/videos/1", json={"genres": []})
    assert await videos(open_client, made) == [1, 2]
    told = (await open_client.post(f"/api/playlists/{made}/refresh")).json()
    assert told["result"] == {"video_count": 2, "added_count": 1, "removed_count": 1}
    assert await videos(open_client, made) == [2, 4]
    changed = {"filter_criteria": {"words": ["o"], "sort": "title", "order": "desc"}}
    told = (await open_client.put(f"/api/playlists/{made}/filters", json=changed)).json()
    assert (told["success"], told["playlist_id"], told["video_count"]) == (True, made, 3)
    assert await videos(open_client, made) == [6, 5, 2]
    assert (await shown(open_client, made))["playlist"]["filter_criteria"] == changed["filter_criteria"]
    await open_client.put(f"/api/playlists/{made}/filters", json={**changed, "auto_update": True})
    assert (await shown(open_client, made))["playlist"]["entries"][0]["id"] is None


async def test_rules_and_hands_do_not_mix(open_client: Client, rows: Rows) -> None:
    library(rows)
    by_hand = await make(open_client, 1)
    by_rules = await make_dynamic(open_client, {}, auto_update=False)
    moved = {"entry_id": 1, "new_position": 1}
    for method, path, body in (
        ("POST", f"{by_rules}/videos", {"video_ids": [1]}),
        ("DELETE", f"{by_rules}/videos/1", None),
        ("POST", f"{by_rules}/videos/reorder", moved),
        ("POST", f"{by_hand}/refresh", None),
        ("PUT", f"{by_hand}/filters", {"filter_criteria": {}}),
    ):
        answer = await open_client.request(method, f"/api/playlists/{path}", json=body)
        assert answer.status_code == 409, (path, answer.text)


async def test_rules_that_cannot_be_read_are_told_and_can_be_replaced(open_client: Client, rows: Rows) -> None:
    library(rows)
    rows(playlist(5, is_dynamic=True, auto_update=True, filter_criteria={"of": "a later version"}))
    for path in ("", "/queue", "/export.m3u8"):
        assert (await open_client.get(f"/api/playlists/5{path}")).status_code == 409, path
    assert [row["id"] for row in (await open_client.get("/api/playlists/")).json()["playlists"]] == [5]
    answer = await open_client.put("/api/playlists/5/filters", json={"filter_criteria": {"artists": [2]}})
    assert answer.status_code == 200
    assert await videos(open_client, 5) == [5, 6]
    async with open_client.state["database"].reading() as session:
        assert (await session.get_one(Playlist, 5)).video_count == 2
