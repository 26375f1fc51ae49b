"""Deleting with a way back: nothing may be lost on the way, and nothing overwritten."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import anyio
import pytest
from sqlalchemy import delete, update

from fastapi_app.database import blocking_engine
from fastapi_app.deletions import retention, rules
from fastapi_app.models import Deletion, Job, Playlist, UserRole, Video, now
from tests.deletions.shelf import fill, stored
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, log_in, user, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


async def change(client: Client, statement: Any) -> None:
    async with client.state["database"].writing() as session:
        await session.execute(statement)


async def forget(client: Client, body: dict[str, Any]) -> int:
    answer = await client.post("/api/deletions", json=body)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


async def test_everything_comes_back_as_it_was(open_client: Client, rows: Rows) -> None:
    fill(rows)
    before = await stored(open_client)
    answer = await open_client.post("/api/deletions", json={"videos": [1, "3", 999]})
    told = answer.json()
    assert (answer.status_code, told["videos"], told["artists"]) == (201, 2, 0)
    assert told["message"] == "2 videos deleted"
    between = await stored(open_client)
    assert [row["id"] for row in between["videos"]] == [2, 4]
    assert [row["id"] for row in between["downloads"]] == [2, 3]
    assert [row["id"] for row in between["playlist_entries"]] == [2]
    assert between["jobs"][0]["download_id"] is None
    back = await open_client.post(f"/api/deletions/{told['id']}/restore")
    assert (back.status_code, back.json()["message"]) == (200, "2 videos restored")
    assert await stored(open_client) == before


async def test_artists_go_with_all_that_is_theirs_and_come_back(open_client: Client, rows: Rows) -> None:
    fill(rows)
    before = await stored(open_client)
    refused = await open_client.post("/api/deletions", json={"artists": [1, 2]})
    assert (refused.status_code, refused.json()["video_count"]) == (409, 4)
    assert await stored(open_client) == before
    number = await forget(open_client, {"artists": [1, 2], "force": True})
    gone = await stored(open_client)
    assert [gone[name] for name in ("artists", "videos", "downloads", "playlist_entries")] == [[], [], [], []]
    assert len(gone["playlists"]) == 1
    listed = (await open_client.get("/api/deletions")).json()["deletions"]
    assert [(row["title"], row["artists"], row["videos"]) for row in listed] == [("Björk and 1 more", 2, 4)]
    assert (await open_client.post(f"/api/deletions/{number}/restore")).json()["message"] == (
        "2 artists and 4 videos restored"
    )
    assert await stored(open_client) == before


async def test_a_search_forgets_and_finds_again(open_client: Client, rows: Rows) -> None:
    fill(rows)

    async def found() -> list[str]:
        answer = await open_client.get("/api/search?q=third")
        return [row["title"] for row in answer.json()["videos"]["items"]]

    assert await found() == ["Third"]
    number = await forget(open_client, {"videos": [3]})
    assert await found() == []
    await open_client.post(f"/api/deletions/{number}/restore")
    assert await found() == ["Third"]


async def test_of_two_who_restore_at_once_one_does(open_client: Client, rows: Rows) -> None:
    fill(rows)
    before = await stored(open_client)
    number = await forget(open_client, {"videos": [1, 2, 3, 4]})
    statuses: list[int] = []

    async def restore() -> None:
        statuses.append((await open_client.post(f"/api/deletions/{number}/restore")).status_code)

    async with anyio.create_task_group() as both:
        for _ in range(3):
            both.start_soon(restore)
    assert sorted(statuses) == [200, 409, 409]
    assert await stored(open_client) == before


async def test_what_was_taken_meanwhile_is_named_and_nothing_is_half_restored(open_client: Client, rows: Rows) -> None:
    fill(rows)
    number = await forget(open_client, {"videos": [1, 2]})
    rows(video(9, "Newcomer", imvdb_id="v1"))
    between = await stored(open_client)
    refused = await open_client.post(f"/api/deletions/{number}/restore")
    assert refused.status_code == 409
    assert "Another video has imvdb_id v1 now" in refused.json()["error"]
    assert await stored(open_client) == between
    await change(open_client, delete(Video).where(Video.id == 9))
    rows(video(2, "In its place"))
    assert "Another video has id 2 now" in (await open_client.post(f"/api/deletions/{number}/restore")).json()["error"]
    await change(open_client, delete(Video).where(Video.id == 2))
    assert (await open_client.post(f"/api/deletions/{number}/restore")).status_code == 200


async def test_a_video_waits_for_its_artist(open_client: Client, rows: Rows) -> None:
    fill(rows)
    first = await forget(open_client, {"videos": [4]})
    second = await forget(open_client, {"artists": [2]})
    refused = await open_client.post(f"/api/deletions/{first}/restore")
    assert (refused.status_code, refused.json()["error"]) == (
        409,
        "The artist of “Elsewhere” is gone: restore that first",
    )
    assert (await open_client.post(f"/api/deletions/{second}/restore")).status_code == 200
    assert (await open_client.post(f"/api/deletions/{first}/restore")).status_code == 200


async def test_a_playlist_that_is_gone_and_a_job_that_went_on_stay_as_they_are(open_client: Client, rows: Rows) -> None:
    fill(rows)
    number = await forget(open_client, {"videos": [1]})
    await change(open_client, delete(Playlist))
    await change(open_client, update(Job).values(download_id=3))
    assert (await open_client.post(f"/api/deletions/{number}/restore")).status_code == 200
    after = await stored(open_client)
    assert after["playlist_entries"] == []
    assert after["jobs"][0]["download_id"] == 3


async def test_what_makes_no_sense_deletes_nothing(open_client: Client, rows: Rows) -> None:
    rows(artist(), video())
    bodies: list[tuple[Any, int]] = [
        ([], 400),
        ({}, 400),
        ({"videos": [1], "artists": [1]}, 400),
        ({"videos": []}, 400),
        ({"videos": "1"}, 400),
        ({"videos": [1] * 501}, 400),
        ({"artists": [1], "force": "yes"}, 400),
        ({"videos": [999, True, "x", 2**40]}, 404),
        ({"artists": [999]}, 404),
    ]
    for body, status in bodies:
        assert (await open_client.post("/api/deletions", json=body)).status_code == status, body
    assert len((await stored(open_client))["videos"]) == 1


async def test_an_artist_with_too_many_videos_is_refused_whole(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_VIDEOS", 2)
    fill(rows)
    refused = await open_client.post("/api/deletions", json={"artists": [1], "force": True})
    assert (refused.status_code, refused.json()["video_count"]) == (409, 3)
    assert "at most 2 can" in refused.json()["error"]
    assert len((await stored(open_client))["videos"]) == 4


async def test_unknown_and_restored_and_expired(open_client: Client, rows: Rows) -> None:
    fill(rows)
    number = await forget(open_client, {"videos": [2]})
    for path in ("/api/deletions/99/restore", f"/api/deletions/{10**30}/restore"):
        assert (await open_client.post(path)).status_code == 404
    assert (await open_client.post(f"/api/deletions/{number}/restore")).status_code == 200
    again = await open_client.post(f"/api/deletions/{number}/restore")
    assert (again.status_code, again.json()["error"]) == (409, "This was restored already")
    listed = (await open_client.get("/api/deletions")).json()["deletions"]
    assert listed[0]["restored_at"] is not None
    late = await forget(open_client, {"videos": [2]})
    await change(open_client, update(Deletion).values(expires_at=now() - timedelta(seconds=1)))
    assert (await open_client.post(f"/api/deletions/{late}/restore")).status_code == 404
    assert (await open_client.get("/api/deletions")).json() == {"deletions": []}


async def test_beat_forgets_what_nobody_may_restore(open_client: Client, rows: Rows) -> None:
    fill(rows)
    await forget(open_client, {"videos": [2]})
    kept = await forget(open_client, {"videos": [3]})
    past = now() - timedelta(seconds=1)
    await change(open_client, update(Deletion).where(Deletion.id != kept).values(expires_at=past))

    def upkeep() -> int:
        engine = blocking_engine(open_client.config)
        try:
            return retention.forget(engine)
        finally:
            engine.dispose()

    assert await anyio.to_thread.run_sync(upkeep) == 1
    assert [row["id"] for row in (await open_client.get("/api/deletions")).json()["deletions"]] == [kept]


async def test_only_managers_delete_list_and_restore(client: Client, rows: Rows) -> None:
    rows(artist(), video(), user(1, "anna", UserRole.USER), user(2, "max", UserRole.MANAGER))
    await log_in(client)
    assert (await client.post("/api/deletions", json={"videos": [1]})).status_code == 403
    assert (await client.get("/api/deletions")).status_code == 403
    assert (await client.post("/api/deletions/1/restore")).status_code == 403
    client.cookies.clear()
    await log_in(client, "max")
    await forget(client, {"videos": [1]})
    assert (await client.get("/api/deletions")).json()["deletions"][0]["username"] == "max"


async def test_the_number_of_statements_does_not_grow_with_the_rows(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(video(number, f"Song {number}") for number in range(1, 61)))
    counts = []
    for ids in ([1], list(range(2, 60))):
        open_client.queries.clear()
        number = await forget(open_client, {"videos": ids})
        await open_client.post(f"/api/deletions/{number}/restore")
        counts.append(len(open_client.queries))
    assert counts[1] <= counts[0] + 2, counts
