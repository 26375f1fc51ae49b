"""The video routes over SQLite: shapes, numbers of queries, and what bad input comes to."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Video, VideoStatus
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

FILM = "data/musicvideos/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"


def film(client: Client, stored: str = FILM, content: bytes = b"film") -> Path:
    """The file behind a stored path."""
    path = client.config.data_dir / stored.removeprefix("data/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def stored(client: Client, video_id: int = 1) -> Video:
    async with client.state["database"].reading() as session:
        found: Video = await session.get_one(Video, video_id)
        return found


async def test_the_whole_library_costs_two_queries(open_client: Client, rows: Rows) -> None:
    rows(*(artist(number, f"Band {number}") for number in range(1, 6)))
    rows(*(video(number, f"Song {number:04}", number % 5 + 1) for number in range(1, 701)))
    open_client.queries.clear()
    answer = (await open_client.get("/api/videos/")).json()
    assert len(open_client.queries) == 3, open_client.queries  # the gate, the count, the rows
    assert (answer["count"], answer["total"], answer["limit"], answer["offset"]) == (700, 700, None, 0)
    assert answer["videos"][0]["artist_name"] == "Band 2"


async def test_one_video_costs_one_query(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(genres=["Rock"], url="http://a.example"))
    open_client.queries.clear()
    found = (await open_client.get("/api/videos/1")).json()
    assert len(open_client.queries) == 2, open_client.queries
    assert (found["artist_name"], found["genres"], found["video_url"]) == ("Nova Kestrel", ["Rock"], "http://a.example")


async def test_an_offset_counts_only_with_a_limit(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(video(number, f"Song {number}") for number in range(1, 4)))
    alone = (await open_client.get("/api/videos/?offset=2")).json()
    both = (await open_client.get("/api/videos/?offset=2&limit=5")).json()
    assert (alone["count"], alone["offset"]) == (3, 0)
    assert (both["count"], both["offset"]) == (1, 2)
    assert (await open_client.get("/api/videos/?limit=0")).json()["videos"] == []


async def test_sorting_by_status_follows_the_enum_and_nulls_come_first(open_client: Client, rows: Rows) -> None:
    wanted = [VideoStatus.MONITORED, None, VideoStatus.WANTED, VideoStatus.DOWNLOADED]
    rows(artist(), *(video(number, status=status) for number, status in enumerate(wanted, 1)))
    async with open_client.state["database"].writing() as session:
        await session.execute(text("UPDATE videos SET status = NULL WHERE id = 2"))
    found = (await open_client.get("/api/videos/?sort=status")).json()["videos"]
    assert [row["status"] for row in found] == [None, "WANTED", "DOWNLOADED", "MONITORED"]
    found = (await open_client.get("/api/videos/?sort=status&order=DESC")).json()["videos"]
    assert [row["status"] for row in found] == ["MONITORED", "DOWNLOADED", "WANTED", None]


@pytest.mark.parametrize("query", ["limit=abc", "limit=", "limit=2&offset=abc", "limit=2&offset=1.5", "sort=bogus"])
async def test_what_0_9_ignored_is_ignored(open_client: Client, query: str) -> None:
    assert (await open_client.get(f"/api/videos/?{query}")).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=-1", "limit"),
        ("limit=99999999999", "limit"),
        ("limit=1&offset=-1", "offset"),
        (f"limit={2**40}", "limit"),
    ],
)
async def test_numbers_out_of_range_are_refused_by_name(open_client: Client, query: str, field: str) -> None:
    answer = await open_client.get(f"/api/videos/?{query}")
    assert answer.status_code == 400
    assert field in answer.json()["error"]


async def test_a_status_that_nobody_knows_reads_as_null(open_client: Client, rows: Rows) -> None:
    rows(artist(), video())
    async with open_client.state["database"].writing() as session:
        await session.execute(text("UPDATE videos SET status = 'SOMETHING', created_at = NULL"))
    listed = (await open_client.get("/api/videos/")).json()["videos"][0]
    assert (listed["status"], listed["created_at"]) == (None, None)
    assert (await open_client.get("/api/videos/1")).json()["status"] is None


async def test_a_change_reads_values_as_mariadb_did(open_client: Client, rows: Rows) -> None:
    rows(artist(), video())
    body = {"title": 12, "year": "1999", "duration": 12.7, "imvdb_id": 9, "status": "monitored", "genres": {"a": 1}}
    changed = (await open_client.put("/api/videos/1", **as_json(body))).json()
    assert {name: changed[name] for name in body} == {
        "title": "12",
        "year": 1999,
        "duration": 13,
        "imvdb_id": "9",
        "status": "MONITORED",
        "genres": {"a": 1},
    }
    assert changed["file_moved"] is False


async def test_null_clears_what_may_be_empty_and_is_ignored_elsewhere(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(year=2001, url="u", imvdb_id="5"))
    names = ["title", "status", "year", "duration", "genres", "video_url", "imvdb_id", "thumbnail_url", "artist_name"]
    changed = (await open_client.put("/api/videos/1", json=dict.fromkeys(names))).json()
    assert (changed["title"], changed["status"], changed["artist_name"]) == ("Glass Harbor", "WANTED", "Nova Kestrel")
    assert {changed[name] for name in ("year", "video_url", "imvdb_id")} == {None}
    assert (await open_client.put("/api/videos/1", json={"title": "", "status": ""})).json()["title"] == "Glass Harbor"


async def test_a_new_artist_name_makes_an_artist_and_a_known_one_is_found(open_client: Client, rows: Rows) -> None:
    rows(artist(1, "Björk"), video())
    moved = (await open_client.put("/api/videos/1", json={"artist_name": 5050})).json()
    assert (moved["artist_id"], moved["artist_name"]) == (2, "5050")
    back = (await open_client.put("/api/videos/1", json={"artist_name": "bjork"})).json()
    assert (back["artist_id"], back["artist_name"]) == (1, "Björk")


async def test_new_genres_become_those_of_the_artist(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1, genres=["Rock"]), video(2, genres=["Rock", "Pop"]))
    await open_client.put("/api/videos/1", json={"genres": ["Pop", "Jazz"]})
    assert (await open_client.get("/api/artists/1")).json()["genres"] == ["Pop", "Jazz", "Rock"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "object"),
        ("x", "object"),
        (None, "object"),
        ({"title": "t" * 501}, "500"),
        ({"title": ["x"]}, "title"),
        ({"title": "a\0"}, "title"),
        ({"year": "abc"}, "year"),
        ({"year": ""}, "year"),
        ({"year": 99999999999}, "year"),
        ({"year": "1" * 100}, "year"),
        ({"year": [1]}, "year"),
        ({"duration": "long"}, "duration"),
        ({"duration": -(2**40)}, "duration"),
        ({"status": "bogus"}, "WANTED"),
        ({"status": 5}, "status"),
        ({"status": ["WANTED"]}, "status"),
        ({"imvdb_id": "x" * 101}, "imvdb_id"),
        ({"thumbnail_url": "u" * 501}, "thumbnail_url"),
        ({"video_url": {}}, "video_url"),
        ({"artist_name": "x" * 256}, "artist_name"),
        ({"artist_name": ["x"]}, "artist_name"),
        ({"genres": ["\ud800"]}, "genres"),
    ],
)
async def test_bad_changes_name_the_field_and_change_nothing(
    open_client: Client, rows: Rows, body: object, field: str
) -> None:
    rows(artist(), video())
    answer = await open_client.put("/api/videos/1", **as_json(body))
    assert answer.status_code == 400
    assert field in answer.json()["error"]
    assert (await stored(open_client)).title == "Glass Harbor"


async def test_a_taken_imvdb_id_is_a_conflict_and_makes_no_artist(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1, imvdb_id="7"), video(2))
    answer = await open_client.put("/api/videos/2", json={"imvdb_id": "7", "artist_name": "New"})
    assert answer.status_code == 409
    assert "imvdb_id" in answer.json()["error"]
    assert (await open_client.get("/api/artists/")).json()["total"] == 1


@pytest.mark.parametrize("row_id", ["2", "9" * 30])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/stream"), ("GET", "/thumbnail")]
)
async def test_unknown_ids_are_not_found(open_client: Client, method: str, path: str, row_id: str) -> None:
    answer = await open_client.request(method, f"/api/videos/{row_id}{path}", json={})
    assert (answer.status_code, answer.json()) == (404, {"error": "Video not found"})


async def test_a_deleted_video_leaves_its_file(open_client: Client, rows: Rows) -> None:
    path = film(open_client)
    rows(artist(), video(local_path=FILM))
    gone = (await open_client.delete("/api/videos/1")).json()
    assert gone["video"] == {"id": 1, "title": "Glass Harbor", "artist_name": "Nova Kestrel"}
    assert path.exists()
    assert (await open_client.get("/api/videos/1")).status_code == 404


async def test_a_moved_file_follows_title_and_artist(open_client: Client, rows: Rows) -> None:
    old = film(open_client)
    rows(artist(), video(local_path=FILM))
    body = {"title": "Golden: Moon/Rise?", "artist_name": "Golden Mover", "move_file": True}
    changed = (await open_client.put("/api/videos/1", **as_json(body))).json()
    assert changed["file_moved"] is True
    assert changed["local_path"] == "data/musicvideos/Golden Mover/Golden Mover - Golden_ Moon_Rise_.mp4"
    assert not old.parent.exists()
    assert (await open_client.get("/api/videos/1/stream")).content == b"film"


async def test_a_moved_file_never_takes_the_place_of_another(open_client: Client, rows: Rows) -> None:
    film(open_client)
    other = film(open_client, "data/musicvideos/Nova Kestrel/Nova Kestrel - New.mp4", b"other")
    rows(artist(), video(local_path=FILM))
    changed = (await open_client.put("/api/videos/1", json={"title": "New", "move_file": 1})).json()
    assert changed["local_path"] == "data/musicvideos/Nova Kestrel/Nova Kestrel - New (1).mp4"
    assert other.read_bytes() == b"other"


@pytest.mark.parametrize("stored_path", ["data/musicvideos/A/gone.mp4", "/etc/passwd", "data/secret_key", None])
async def test_a_file_that_can_not_move_is_no_error(open_client: Client, rows: Rows, stored_path: str | None) -> None:
    rows(artist(), video(local_path=stored_path))
    changed = (await open_client.put("/api/videos/1", json={"title": "New", "move_file": True})).json()
    assert (changed["file_moved"], changed["title"], changed["local_path"]) == (False, "New", stored_path)


async def test_a_file_keeps_its_name_when_the_row_can_not_be_written(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(open_client)
    rows(artist(), video(local_path=FILM))
    monkeypatch.setattr(AsyncSession, "commit", failing_commit)
    answer = await open_client.put("/api/videos/1", json={"title": "New", "move_file": True})
    assert answer.status_code == 500
    assert list(path.parent.iterdir()) == [path]
    assert (await stored(open_client)).local_path == FILM


async def failing_commit(_session: object) -> None:
    raise RuntimeError("the disk is full")


async def test_without_links_a_file_is_not_moved(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(open_client)
    rows(artist(), video(local_path=FILM))
    monkeypatch.setattr(os, "link", no_links)
    changed = (await open_client.put("/api/videos/1", json={"title": "New", "move_file": True})).json()
    assert changed["file_moved"] is True
    assert not path.exists()
    assert (await open_client.get("/api/videos/1/stream")).content == b"film"


def no_links(*_paths: object) -> None:
    raise PermissionError("this file system has no links")


async def test_a_missing_file_is_wanted_again(open_client: Client, rows: Rows) -> None:
    film(open_client, "data/musicvideos/other.mp4")
    rows(artist(monitored=False), video(local_path=FILM, status=VideoStatus.DOWNLOADED))
    answer = await open_client.get("/api/videos/1/stream")
    assert (answer.status_code, answer.json()["status"]) == (404, "wanted")
    row = await stored(open_client)
    assert (row.status, row.local_path) == (VideoStatus.WANTED, None)
    async with open_client.state["database"].reading() as session:
        assert (await session.get_one(Artist, 1)).monitored is True


async def test_an_unmounted_drive_does_not_reset_the_library(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(local_path=FILM, status=VideoStatus.DOWNLOADED))
    answer = await open_client.get("/api/videos/1/stream")
    assert (answer.status_code, answer.json()) == (404, {"error": "Video file not found"})
    assert (await stored(open_client)).local_path == FILM


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "data/../../etc/passwd", "data/mvidarr.db", "data/musicvideos/out.mp4"]
)
async def test_nothing_outside_the_library_is_sent_or_reset(
    open_client: Client, rows: Rows, path: str, tmp_path: Path
) -> None:
    (tmp_path / "outside.mp4").write_bytes(b"private")
    film(open_client, "data/musicvideos/in.mp4").with_name("out.mp4").symlink_to(tmp_path / "outside.mp4")
    rows(artist(), video(local_path=path, thumbnail_path=path, status=VideoStatus.DOWNLOADED))
    assert (await open_client.get("/api/videos/1/stream")).status_code == 404
    placeholder = (await open_client.get("/api/videos/1/thumbnail")).headers["content-disposition"]
    assert placeholder == "inline; filename=placeholder-video.png"
    assert (await stored(open_client)).local_path == path


async def test_a_folder_and_a_pipe_are_no_films(open_client: Client, rows: Rows) -> None:
    folder = film(open_client).parent
    os.mkfifo(folder / "pipe.mp4")
    rows(artist(), video(1, local_path="data/musicvideos/Nova Kestrel", status=VideoStatus.DOWNLOADED))
    rows(video(2, local_path="data/musicvideos/Nova Kestrel/pipe.mp4", status=VideoStatus.DOWNLOADED))
    for number in (1, 2):
        assert (await open_client.get(f"/api/videos/{number}/stream")).json() == {"error": "Video file not found"}
        assert (await stored(open_client, number)).local_path is not None


async def test_a_picture_is_sent_as_what_its_name_says(open_client: Client, rows: Rows) -> None:
    film(open_client, "data/thumbnails/videos/a b.png", b"picture")
    rows(artist(), video(thumbnail_path="/app/data/thumbnails/videos/a b.png"))
    answer = await open_client.get("/api/videos/1/thumbnail")
    assert (answer.content, answer.headers["content-type"]) == (b"picture", "image/png")
    assert answer.headers["content-disposition"] == 'inline; filename="a b.png"'
