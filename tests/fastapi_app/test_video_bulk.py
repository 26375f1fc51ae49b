"""Changing many videos: odd ids, repeated ids, nothing half done."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from sqlalchemy import func, select

from fastapi_app.models import Download, Video, VideoStatus
from fastapi_app.videos.bulk.ids import row_id
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import CREATED, artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


def download(row_id: int, video_id: int | None, **columns: Any) -> Download:
    given = {"id": row_id, "artist_id": 1, "video_id": video_id, "title": "d", "original_url": "u"}
    return Download(**{**given, "created_at": CREATED, "updated_at": CREATED, **columns})


@pytest.fixture
def library(rows: Rows) -> None:
    rows(artist(), *(video(number, f"Song {number}") for number in range(1, 6)), download(1, 1), download(2, 2))


async def count(client: Client, model: type[Any]) -> int:
    async with client.state["database"].reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def status(client: Client, video_id: int) -> VideoStatus | None:
    async with client.state["database"].reading() as session:
        found: VideoStatus | None = await session.scalar(select(Video.status).where(Video.id == video_id))
        return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((value, 5) for value in (5, "5", " 5.0 ", 5.0)),
        *(
            (value, None)
            for value in (5.5, "5x", "", True, None, [5], -5, 0, 2**31, "9" * 30, "٥", "1_0", float("inf"))
        ),
    ],
)
def test_ids_are_read_as_mariadb_read_them_and_truth_is_no_id(value: Any, expected: int | None) -> None:
    assert row_id(value) == expected


@pytest.mark.usefixtures("library")
async def test_one_status(open_client: Client) -> None:
    answer = await open_client.put("/api/videos/1/status", json={"status": "FAILED"})
    assert answer.json() == {
        "success": True,
        "message": "Video status updated to FAILED",
        "video_id": 1,
        "old_status": "WANTED",
        "new_status": "FAILED",
    }
    assert await status(open_client, 1) is VideoStatus.FAILED
    for path in ("999", "9" * 30):
        assert (await open_client.put(f"/api/videos/{path}/status", json={"status": "FAILED"})).status_code == 404


@pytest.mark.usefixtures("library")
async def test_a_status_that_nobody_sets_is_refused(open_client: Client) -> None:
    more: dict[str, dict[str, Any]] = {"1/status": {}, "bulk/status": {"video_ids": [1]}}
    for given, path in product(("MONITORED", "wanted", "", None, 1, ["WANTED"], {"a": 1}), more):
        answer = await open_client.put(f"/api/videos/{path}", json={"status": given, **more[path]})
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("Invalid status. Must be one of: ['WANTED', ")
    assert await status(open_client, 1) is VideoStatus.WANTED


async def test_bodies_that_say_nothing_are_refused(open_client: Client) -> None:
    nothing: tuple[Any, ...] = ([], None, "x", 5, {}, {"video_ids": {"1": 1}}, {"video_ids": "1"}, {"video_ids": []})
    routes = (("PUT", "1/status"), ("PUT", "bulk/status"), ("POST", "bulk/delete"))
    for body, (method, path) in product(nothing, routes):
        answer = await open_client.request(method, f"/api/videos/{path}", **as_json(body))
        assert answer.status_code == 400, (path, body, answer.text)


@pytest.mark.usefixtures("library")
async def test_every_id_is_answered_as_it_was_sent(open_client: Client) -> None:
    sent: list[Any] = [2, "3", 999, "abc", None, True, [1], 2]
    answer = (await open_client.put("/api/videos/bulk/status", json={"video_ids": sent, "status": "IGNORED"})).json()
    assert [result["video_id"] for result in answer["results"]] == sent
    assert [result["success"] for result in answer["results"]] == [True, True, *[False] * 5, True]
    assert [answer["results"][at]["old_status"] for at in (0, -1)] == ["WANTED", "IGNORED"]
    assert answer["message"] == "Bulk status update completed: 3 success, 5 failed"
    assert await status(open_client, 1) is VideoStatus.WANTED


@pytest.mark.usefixtures("library")
async def test_a_deletion_takes_downloads_along_and_tells_what_was_missing(open_client: Client) -> None:
    answer = await open_client.post("/api/videos/bulk/delete", json={"video_ids": ["1", 999, 3]})
    assert answer.status_code == 207
    body = answer.json()
    assert body["deleted_videos"][0] == {"id": 1, "title": "Song 1", "artist_name": "Nova Kestrel"}
    assert body["failed_videos"] == [{"id": 999, "error": "Video not found"}]
    assert (await count(open_client, Video), await count(open_client, Download)) == (3, 1)
    assert (await open_client.post("/api/videos/bulk/delete", json={"video_ids": [4, 4]})).json()["deleted_count"] == 2


async def test_thousands_cost_a_few_queries(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(video(number, f"Song {number}") for number in range(1, 1201)))
    ids = list(range(1, 1201))
    open_client.queries.clear()
    body = {"video_ids": ids, "status": "FAILED"}
    assert (await open_client.put("/api/videos/bulk/status", json=body)).json()["success_count"] == 1200
    assert len(open_client.queries) == 7, open_client.queries
    assert (await open_client.post("/api/videos/bulk/delete", json={"video_ids": ids})).json()["deleted_count"] == 1200
    assert await count(open_client, Video) == 0


async def test_endless_lists_are_refused(open_client: Client) -> None:
    answer = await open_client.post("/api/videos/bulk/delete", json={"video_ids": [1] * 100_001})
    assert (answer.status_code, "video_ids" in answer.json()["error"]) == (400, True)


@pytest.mark.usefixtures("library")
async def test_many_get_the_same_year_and_genres_and_their_artist_counts_them(open_client: Client) -> None:
    body: dict[str, Any] = {"video_ids": [1, "2", 999], "updates": {"year": "1984", "genres": ["Pop"], "title": "no"}}
    answer = await open_client.put("/api/videos/bulk/edit", json=body)
    assert (answer.status_code, answer.json()["message"]) == (200, "2 videos changed")
    shown = [(await open_client.get(f"/api/videos/{number}")).json() for number in (1, 2, 3)]
    assert [(row["title"], row["year"], row["genres"]) for row in shown] == [
        ("Song 1", 1984, ["Pop"]),
        ("Song 2", 1984, ["Pop"]),
        ("Song 3", None, None),
    ]
    assert (await open_client.get("/api/artists/1")).json()["genres"] == ["Pop"]
    for ids, updates, status in (
        ([1], {}, 400),
        ([1], {"title": "x"}, 400),
        ([1], {"year": "x"}, 400),
        ([1] * 501, {"year": 1}, 400),
        ([], {"year": 1}, 400),
        ([999], {"year": 1}, 404),
    ):
        answer = await open_client.put("/api/videos/bulk/edit", json={"video_ids": ids, "updates": updates})
        assert answer.status_code == status, (ids[:2], updates)
