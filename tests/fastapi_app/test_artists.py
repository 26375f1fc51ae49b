"""The artist routes over SQLite: shapes, numbers of queries, and what bad input comes to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from fastapi_app.models import Artist, Download, Video
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

LONG = "x" * 256


async def stored(client: Client, artist_id: int = 1) -> Artist | None:
    async with client.state["database"].reading() as session:
        found: Artist | None = await session.get(Artist, artist_id)
        return found


async def test_a_page_costs_two_queries_however_many_artists(open_client: Client, rows: Rows) -> None:
    rows(*(artist(number, f"Band {number:03}") for number in range(1, 61)))
    rows(*(video(number, artist_id=number % 3 + 1) for number in range(1, 31)))
    open_client.queries.clear()
    answer = await open_client.get("/api/artists/?per_page=50")
    assert len(open_client.queries) == 3, open_client.queries  # the gate, the count, the page
    page = answer.json()
    assert (page["count"], page["total"], page["pages"]) == (50, 60, 2)
    assert [row["video_count"] for row in page["artists"][:4]] == [10, 10, 10, 0]


async def test_a_page_past_the_end_is_empty_but_knows_the_total(open_client: Client, rows: Rows) -> None:
    rows(artist())
    page = (await open_client.get("/api/artists/?page=9")).json()
    assert (page["artists"], page["count"], page["total"]) == ([], 0, 1)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("bjork", ["Björk"]),
        ("%", ["100%", "Björk", "snake_case"]),
        ("n_ke", ["snake_case"]),
        ("\\%", ["100%"]),
        ("🔥", []),
    ],
)
async def test_search_is_blind_to_case_and_accents_and_knows_wildcards(
    open_client: Client, rows: Rows, search: str, found: list[str]
) -> None:
    rows(artist(1, "Björk"), artist(2, "snake_case"), artist(3, "100%"))
    answer = await open_client.get("/api/artists/", params={"search": search})
    assert [row["name"] for row in answer.json()["artists"]] == found


async def test_flags_filter_by_their_words(open_client: Client, rows: Rows) -> None:
    rows(artist(1, "On", monitored=True), artist(2, "Off", monitored=False))

    async def names(flag: str) -> list[str]:
        answer = await open_client.get(f"/api/artists/?monitored={flag}")
        return [row["name"] for row in answer.json()["artists"]]

    assert await names("YES") == ["On"]
    assert await names("") == await names("maybe") == ["Off"]


async def test_of_repeated_parameters_the_first_counts(open_client: Client) -> None:
    page = (await open_client.get("/api/artists/?page=2&page=5&per_page=3")).json()
    assert (page["page"], page["per_page"]) == (2, 3)


@pytest.mark.parametrize("number", ["٣", "+3", " 3", "0_3", "3"])
async def test_numbers_are_whatever_python_reads(open_client: Client, number: str) -> None:
    answer = await open_client.get("/api/artists/", params={"page": number})
    assert answer.json()["page"] == 3


@pytest.mark.parametrize("name", ["page", "per_page"])
@pytest.mark.parametrize("number", ["0", "-1", "", " ", "abc", "1.5", "1e3", "99999999999999999999", "9" * 5000])
async def test_numbers_that_no_page_has_are_refused_by_name(open_client: Client, name: str, number: str) -> None:
    answer = await open_client.get("/api/artists/", params={name: number})
    assert answer.status_code == 400
    assert name in answer.json()["error"]


async def test_rows_without_dates_and_with_odd_json_are_shown(open_client: Client, rows: Rows) -> None:
    rows(artist(1, keywords="not a list", created_at=None))
    async with open_client.state["database"].writing() as session:
        await session.execute(update(Artist).values(created_at=None))
    assert (await open_client.get("/api/artists/")).json()["artists"][0]["created_at"] is None
    assert (await open_client.get("/api/artists/1")).json()["keywords"] == "not a list"


@pytest.mark.parametrize("row_id", ["0", "2", "2147483648", "9" * 23, "9" * 4000])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_unknown_ids_are_not_found(open_client: Client, method: str, row_id: str) -> None:
    answer = await open_client.request(method, f"/api/artists/{row_id}")
    assert (answer.status_code, answer.json()) == (404, {"error": "Artist not found"})


@pytest.mark.parametrize("row_id", ["abc", "-1", "1.0", "1%20", "%00", "9" * 4001])
async def test_ids_that_are_no_numbers_are_no_paths(open_client: Client, row_id: str) -> None:
    assert (await open_client.get(f"/api/artists/{row_id}")).status_code == 404


async def test_an_artist_is_created_with_defaults_for_null(open_client: Client) -> None:
    body = {"name": "Golden", "monitored": None, "auto_download": 1, "imvdb_id": "", "id": 7, "keywords": ["a"]}
    answer = await open_client.post("/api/artists/", **as_json(body))
    assert answer.status_code == 201
    created = answer.json()
    assert (created["name"], created["message"]) == ("Golden", "Artist added successfully")
    row = await stored(open_client, created["id"])
    assert row is not None
    assert (row.monitored, row.auto_download, row.imvdb_id, row.keywords) == (True, True, None, ["a"])


@pytest.mark.parametrize(("name", "kept"), [(12345, "12345"), (True, "1"), (1.5, "1.5"), ("", ""), ("🪩", "🪩")])
async def test_names_become_text(open_client: Client, name: object, kept: str) -> None:
    assert (await open_client.post("/api/artists/", json={"name": name})).json()["name"] == kept


@pytest.mark.parametrize("name", ["nova kestrel", "NOVA KESTREL ", "Nóva Kestrel"])
async def test_a_name_that_differs_by_case_or_accents_is_taken(open_client: Client, rows: Rows, name: str) -> None:
    rows(artist())
    answer = await open_client.post("/api/artists/", json={"name": name})
    assert (answer.status_code, answer.json()) == (409, {"error": "Artist already exists"})


async def test_a_taken_imvdb_id_is_a_conflict_and_changes_nothing(open_client: Client, rows: Rows) -> None:
    rows(artist(1, imvdb_id="7"), artist(2, "Other"))
    assert (await open_client.post("/api/artists/", json={"name": "New", "imvdb_id": "7"})).status_code == 409
    answer = await open_client.put("/api/artists/2/settings", json={"name": "Renamed", "imvdb_id": 7})
    conflict = answer.json()
    assert (answer.status_code, conflict["duplicate_conflict"]) == (409, True)
    assert (conflict["existing_artist"]["id"], conflict["current_artist"]["id"]) == (1, 2)
    unchanged = await stored(open_client, 2)
    assert unchanged is not None
    assert unchanged.name == "Other"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        (None, "name"),
        ("name", "name"),
        (123, "name"),
        ([{"name": "x"}], "name"),
        ({"name": None}, "name"),
        ({"name": ["x"]}, "name"),
        ({"name": {"a": 1}}, "name"),
        ({"name": LONG}, "255"),
        ({"name": "a\0b"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": "x", "imvdb_id": "x" * 101}, "imvdb_id"),
        ({"name": "x", "imvdb_id": []}, "imvdb_id"),
        ({"name": "x", "auto_download": [1]}, "auto_download"),
        ({"name": "x", "monitored": "maybe"}, "monitored"),
        ({"name": "x", "keywords": ["\0"]}, "keywords"),
    ],
)
async def test_bad_new_artists_name_the_field_and_store_nothing(open_client: Client, body: object, field: str) -> None:
    answer = await open_client.post("/api/artists/", **as_json(body))
    assert answer.status_code == 400
    assert field in answer.json()["error"]
    assert (await open_client.get("/api/artists/")).json()["total"] == 0


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{bad", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b'{"name": 1e999}', "application/json", 400),
        (b'{"name": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"keywords": ' + b"[" * 500 + b"]" * 500 + b', "name": "x"}', "application/json", 400),
        (b'{"name": "x"}', "text/plain", 415),
        (b'{"name": "x"}', None, 415),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b'{"name": "Padded"}' + b" " * 100_000, "application/json; charset=utf-8", 201),
        (b'{"name": "Problem"}', "application/problem+json", 201),
    ],
)
async def test_bodies_that_are_no_json(
    open_client: Client, content: bytes, content_type: str | None, status: int
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = await open_client.post("/api/artists/", content=content, headers=headers)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("path", ["/api/artists/1/settings", "/api/artists/1"])
async def test_a_change_sets_what_it_names(open_client: Client, rows: Rows, path: str) -> None:
    rows(artist(keywords=None))
    body = {"name": " New ", "folder_path": " ", "keywords": "a, ,b", "monitored": 0, "imvdb_id": "12", "x": 1}
    changed = (await open_client.put(path, **as_json(body))).json()["artist"]
    assert changed.pop("updated_at") > "2026-01-02T03:04:05"
    assert changed == {
        "id": 1,
        "name": "New",
        "folder_path": None,
        "keywords": ["a", "b"],
        "monitored": False,
        "auto_download": False,
        "imvdb_id": "12",
    }


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Request data is required"),
        ([], "Request data is required"),
        ({"name": "  "}, "Artist name cannot be empty"),
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"name": LONG}, "255"),
        ({"folder_path": 5}, "folder_path"),
        ({"folder_path": "x" * 501}, "500"),
        ({"keywords": 5}, "keywords"),
        ({"imvdb_id": "abc"}, "IMVDb ID must be a valid integer"),
        ({"imvdb_id": [1]}, "IMVDb ID must be a valid integer"),
        ({"imvdb_id": 0}, "IMVDb ID must be a positive integer"),
        ({"imvdb_id": "1" * 101}, "imvdb_id"),
    ],
)
async def test_bad_changes_say_what_is_wrong_and_change_nothing(
    open_client: Client, rows: Rows, body: object, error: str
) -> None:
    rows(artist())
    answer = await open_client.put("/api/artists/1/settings", **as_json(body))
    assert answer.status_code == 400
    assert error in answer.json()["error"]
    row = await stored(open_client)
    assert row is not None
    assert row.name == "Nova Kestrel"


async def test_changing_an_unknown_artist_is_not_found(open_client: Client) -> None:
    for row_id in ("1", "9" * 30):
        assert (await open_client.put(f"/api/artists/{row_id}", json={"name": "x"})).status_code == 404


def download(row_id: int, artist_id: int, video_id: int | None) -> Download:
    return Download(id=row_id, artist_id=artist_id, video_id=video_id, title="t", original_url="u")


async def test_an_artist_with_videos_goes_only_by_force(open_client: Client, rows: Rows) -> None:
    rows(artist(1), artist(2, "Other"), video(1), video(2, artist_id=2), download(1, 1, None), download(2, 2, 1))
    refused = await open_client.delete("/api/artists/1")
    assert refused.status_code == 409
    assert refused.json()["details"]["video_count"] == 1
    gone = (await open_client.delete("/api/artists/1?force=yes")).json()
    assert gone["deleted_data"] == {
        "artist_id": 1,
        "artist_name": "Nova Kestrel",
        "videos_deleted": 1,
        "downloads_deleted": 2,
    }
    async with open_client.state["database"].reading() as session:
        assert list(await session.scalars(select(Video.id))) == [2]
        assert list(await session.scalars(select(Download.id))) == []


def picture(client: Client, stored_path: str) -> Path:
    path = client.config.data_dir / stored_path.removeprefix("data/")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"picture")
    return path


@pytest.mark.parametrize(("stored_path", "survives"), [("data/thumbnails/a.jpg", False), ("data/secret_key", True)])
async def test_a_deleted_artists_picture_goes_and_nothing_else(
    open_client: Client, rows: Rows, stored_path: str, survives: bool
) -> None:
    path = picture(open_client, stored_path)
    rows(artist(thumbnail_path=stored_path))
    assert (await open_client.delete("/api/artists/1")).status_code == 200
    assert path.exists() is survives


async def test_every_size_of_a_deleted_artists_picture_goes(open_client: Client, rows: Rows) -> None:
    stored = ("data/thumbnails/a_medium.jpg", "data/thumbnails/a_small.jpg")
    paths = [picture(open_client, path) for path in stored]
    sizes = {path.rpartition("_")[2]: {"path": path} for path in stored}
    rows(artist(thumbnail_path=stored[0], thumbnail_metadata={"sizes": sizes}))
    assert (await open_client.delete("/api/artists/1")).status_code == 200
    assert [path for path in paths if path.exists()] == []


async def test_an_older_picture_that_is_gone_does_not_keep_the_artist(open_client: Client, rows: Rows) -> None:
    rows(artist(thumbnail_path="/app/data/thumbnails/gone.jpg"))
    answer: dict[str, Any] = (await open_client.delete("/api/artists/1")).json()
    assert answer["success"] is True
