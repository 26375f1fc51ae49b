"""What is in a playlist: each video once, in an order that every change keeps whole."""

from collections.abc import Callable
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapi_app.models import VideoStatus
from fastapi_app.playlists import entries, rules
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import CREATED, artist, video
from tests.playlists.lists import entry, entry_of, make, playlist, shown, videos

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

FILMS = 12


@pytest.fixture
def films(rows: Rows) -> None:
    rows(artist(), *(video(number, f"Song {number}") for number in range(1, FILMS + 1)))


async def add(client: Client, playlist_id: int, *video_ids: Any, **more: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/playlists/{playlist_id}/videos", json={"video_ids": list(video_ids), **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def move(client: Client, playlist_id: int, video_id: int, position: int) -> None:
    body = {"entry_id": await entry_of(client, playlist_id, video_id), "new_position": position}
    answer = await client.post(f"/api/playlists/{playlist_id}/videos/reorder", json=body)
    assert answer.json() == {"message": "Playlist reordered successfully"}, answer.text


async def test_videos_come_in_once_where_they_are_wanted(open_client: Client, films: None) -> None:
    made = await make(open_client, 3, 1)
    told = await add(open_client, made, 1, 2, 99, 2, "4", "x")
    assert told == {
        "message": "2 added, 1 already there, 2 unknown",
        "added_count": 2,
        "skipped_count": 1,
        "playlist_id": made,
        "unknown_ids": ["x", 99],
    }
    assert await videos(open_client, made) == [3, 1, 2, 4]
    await add(open_client, made, 5, 6, position=2)
    await add(open_client, made, 7, position=1)
    await add(open_client, made, 8, position=999)
    assert await videos(open_client, made) == [7, 3, 5, 6, 1, 2, 4, 8]


async def test_additions_that_make_no_sense_are_told_why(
    open_client: Client, films: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await make(open_client, 1)
    path = f"/api/playlists/{made}/videos"
    bodies: list[Any] = [
        {}, [], {"video_ids": []}, {"video_ids": 1}, {"video_ids": [1.5]}, {"video_ids": [None]}, {"video_ids": [True]},
        {"video_ids": list(range(501))}, {"video_ids": [2], "position": 0}, {"video_ids": [2], "position": "1"},
    ]  # fmt: skip
    for body in bodies:
        assert (await open_client.post(path, json=body)).status_code == 400, body
    unknown = await open_client.post(path, json={"video_ids": [99, "x"]})
    assert (unknown.status_code, unknown.json()["unknown_ids"]) == (404, ["x", 99])
    assert (await open_client.post("/api/playlists/77/videos", json={"video_ids": [1]})).status_code == 404
    monkeypatch.setattr(rules, "MOST_ENTRIES", 2)
    assert (await open_client.post(path, json={"video_ids": [2, 3]})).status_code == 409
    assert await videos(open_client, made) == [1]


async def test_entries_move_and_go(open_client: Client, films: None) -> None:
    made = await make(open_client, 1, 2, 3, 4)
    for video_id, position, order in (
        (4, 1, [4, 1, 2, 3]), (4, 3, [1, 2, 4, 3]), (1, 4, [2, 4, 3, 1]), (2, 99, [4, 3, 1, 2]), (3, 2, [4, 3, 1, 2]),
    ):  # fmt: skip
        await move(open_client, made, video_id, position)
        assert await videos(open_client, made) == order
    path = f"/api/playlists/{made}/videos"
    last = await entry_of(open_client, made, 2)
    assert (await open_client.delete(f"{path}/{last}")).json() == {"message": "Video removed from playlist"}
    assert (await open_client.delete(f"{path}/{last}")).status_code == 404
    assert (await open_client.delete(f"{path}/{'9' * 30}")).status_code == 404
    gone = {"entry_id": last, "new_position": 1}
    assert (await open_client.post(f"{path}/reorder", json=gone)).status_code == 404
    for wrong in ({}, {"entry_id": 1}, {"entry_id": 1, "new_position": 0}, {"entry_id": "a", "new_position": 1}):
        assert (await open_client.post(f"{path}/reorder", json=wrong)).status_code == 400
    assert await videos(open_client, made) == [4, 3, 1]


async def test_an_entry_of_another_playlist_stays_there(open_client: Client, films: None) -> None:
    mine, other = await make(open_client, 1), await make(open_client, 2)
    theirs = await entry_of(open_client, other, 2)
    assert (await open_client.delete(f"/api/playlists/{mine}/videos/{theirs}")).status_code == 404
    moved = {"entry_id": theirs, "new_position": 1}
    assert (await open_client.post(f"/api/playlists/{mine}/videos/reorder", json=moved)).status_code == 404
    assert await videos(open_client, other) == [2]


async def test_a_playlist_without_room_between_entries_makes_some(open_client: Client, films: None, rows: Rows) -> None:
    rows(playlist(), *(entry(number, number, 5) for number in range(1, 7)))
    await move(open_client, 1, 6, 3)
    assert await videos(open_client, 1) == [1, 2, 6, 3, 4, 5]
    await add(open_client, 1, 7, 8, 9, position=2)
    assert await videos(open_client, 1) == [1, 7, 8, 9, 2, 6, 3, 4, 5]


@given(moves=st.lists(st.tuples(st.integers(1, FILMS), st.integers(1, FILMS + 2)), max_size=20))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_moves_and_additions_leave_the_order_that_a_list_would_have(
    moves: list[tuple[int, int]], open_client: Client, films: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With little room between entries, so that it runs out."""
    monkeypatch.setattr("fastapi_app.playlists.places.STEP", 2)
    made = await make(open_client)
    expected: list[int] = []
    async with open_client.state["database"].writing() as session:
        for video_id, position in moves:
            if video_id in expected:
                expected.remove(video_id)
                found = await entries.page_of_entries(session, made, 0, FILMS)
                entry_id = next(row.id for row in found if row.video_id == video_id)
                assert await entries.move(session, made, entry_id, position)
            else:
                await entries.add(session, made, [video_id], position, CREATED)
            expected.insert(position - 1, video_id)
    assert await videos(open_client, made) == expected


async def test_many_who_reorder_at_once_lose_nothing(open_client: Client, films: None) -> None:
    made = await make(open_client, *range(1, FILMS + 1))
    numbers = {number: await entry_of(open_client, made, number) for number in range(1, FILMS + 1)}
    statuses: list[int] = []

    async def change(number: int) -> None:
        body = {"entry_id": numbers[number], "new_position": FILMS - number + 1}
        statuses.append((await open_client.post(f"/api/playlists/{made}/videos/reorder", json=body)).status_code)

    async with anyio.create_task_group() as group:
        for number in numbers:
            group.start_soon(change, number)
    assert statuses == [200] * FILMS
    assert sorted(await videos(open_client, made)) == list(range(1, FILMS + 1))


async def test_pages_and_sums(open_client: Client, rows: Rows) -> None:
    rows(artist(1, "Björk"), *(video(number, f"Song {number}", duration=60) for number in range(1, 8)))
    rows(video(8, "Film", status=VideoStatus.DOWNLOADED, local_path="a.mp4", thumbnail_path="b.jpg", year=1999))
    made = await make(open_client, *range(8, 0, -1))
    open_client.queries.clear()
    page = await shown(open_client, made, "?per_page=3&page=3")
    assert len(open_client.queries) == 5, open_client.queries  # the gate twice, the row, the sums, the entries
    assert page["pagination"]["pages"] == 3
    assert [(row["position"], row["video_id"]) for row in page["playlist"]["entries"]] == [(7, 2), (8, 1)]
    assert (page["playlist"]["video_count"], page["playlist"]["total_duration"]) == (8, 420)
    first = (await shown(open_client, made))["playlist"]["entries"][0]["video"]
    assert first == {
        "id": 8, "title": "Film", "artist_id": 1, "artist_name": "Björk", "year": 1999, "duration": None,
        "status": "DOWNLOADED", "thumbnail_url": None, "has_thumbnail": True, "is_playable": True,
    }  # fmt: skip
    bare = await shown(open_client, made, "?include_entries=no")
    assert ("entries" in bare["playlist"], "pagination" in bare) == (False, False)
