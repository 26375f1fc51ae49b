"""Playlists as such: nobody sees or changes what is somebody else's, and no list counts row by row."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import delete, select

from fastapi_app.config import Config
from fastapi_app.models import PlaylistEntry, Setting, User, UserRole, Video
from tests.fastapi_app.conftest import Client, connected
from tests.fastapi_app.library import artist, log_in, user, video
from tests.playlists.lists import entry, make, playlist, shown, videos

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

PEOPLE = {"anna": UserRole.USER, "bert": UserRole.USER, "mona": UserRole.MANAGER, "rea": UserRole.READONLY}


@pytest.fixture
def people(rows: Rows) -> None:
    rows(*(user(number, name, role) for number, (name, role) in enumerate(PEOPLE.items(), start=1)))


@asynccontextmanager
async def logged_in(config: Config, name: str) -> AsyncIterator[Client]:
    async with connected(config) as client:
        await log_in(client, name)
        yield client


async def names(client: Client, query: str = "") -> list[str]:
    answer = await client.get(f"/api/playlists/{query}")
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["playlists"]]


async def test_a_private_playlist_of_somebody_else_is_not_there(config: Config, people: None, rows: Rows) -> None:
    rows(artist(), video(1), playlist(1, "Annas", user_id=1), playlist(2, "Public", user_id=1, is_public=True))
    rows(playlist(3, "Everybodys"), entry(1, 1, 1))
    async with logged_in(config, "bert") as bert:
        assert await names(bert) == ["Everybodys", "Public"]
        assert await names(bert, "?owner=all") == ["Everybodys", "Public"]
        assert await names(bert, "user/1") == ["Public"]
        for method, path, body in everything(1):
            answer = await bert.request(method, path, json=body)
            assert (answer.status_code, answer.json()["error"]) == (404, "Playlist not found"), path
        for method, path, body in everything(2):
            answer = await bert.request(method, path, json=body)
            assert answer.status_code in ((403,) if method != "GET" else (200, 404)), path
        listed = (await bert.get("/api/playlists/")).json()["playlists"]
        assert [row["can_modify"] for row in listed] == [False, False]


def everything(playlist_id: int) -> list[tuple[str, str, Any]]:
    """Every route of one playlist, with a body that it takes."""
    base = f"/api/playlists/{playlist_id}"
    reading = ["", "/queue", "/export.m3u8", "/thumbnail"]
    writing: list[tuple[str, str, Any]] = [
        ("PUT", "", {"name": "Mine"}),
        ("POST", "/videos", {"video_ids": [1]}),
        ("DELETE", "/videos/1", None),
        ("POST", "/videos/reorder", {"entry_id": 1, "new_position": 1}),
        ("POST", "/refresh", None),
        ("PUT", "/filters", {"filter_criteria": {}}),
        ("POST", "/thumbnail/upload", {"thumbnail_url": None}),
        ("POST", "/thumbnail/file", None),
        ("DELETE", "", None),
    ]
    return [("GET", base + path, None) for path in reading] + [
        (verb, base + path, body) for verb, path, body in writing
    ]


async def test_whoever_manages_sees_and_changes_all_but_is_not_shown_all(
    config: Config, people: None, rows: Rows
) -> None:
    rows(playlist(1, "Annas", user_id=1), playlist(2, "Hers", user_id=3))
    async with logged_in(config, "mona") as mona:
        assert await names(mona) == ["Hers"]
        assert await names(mona, "?owner=all") == await names(mona, "?owner=all&can_modify=1") == ["Annas", "Hers"]
        assert await names(mona, "user/1") == ["Annas"]
        changed = await mona.put("/api/playlists/1", json={"is_featured": True})
        assert (changed.status_code, changed.json()["is_featured"], changed.json()["username"]) == (200, True, "anna")


async def test_who_may_only_read_has_no_playlists(config: Config, people: None, rows: Rows) -> None:
    rows(playlist(1, "Was hers", user_id=4, is_public=True))
    async with logged_in(config, "rea") as rea:
        assert (await rea.post("/api/playlists/", json={"name": "New"})).status_code == 403
        assert (await rea.delete("/api/playlists/1")).status_code == 403
        assert not (await shown(rea, 1))["playlist"]["can_modify"]
        tried: dict[str, Any] = {"filter_criteria": {}}
        assert (await rea.post("/api/playlists/dynamic/preview", json=tried)).json()["preview"]["total_matches"] == 0


async def test_only_who_manages_puts_a_playlist_forward(config: Config, people: None, rows: Rows) -> None:
    rows(playlist(1, "Annas", user_id=1, is_featured=True, is_public=True))
    async with logged_in(config, "anna") as anna:
        refused = await anna.post("/api/playlists/", json={"name": "Mine", "is_featured": True})
        assert refused.status_code == 403
        assert (await anna.put("/api/playlists/1", json={"is_featured": False})).status_code == 403
        form = {"name": "Renamed", "description": " ", "is_featured": True, "is_public": False}
        kept = await anna.put("/api/playlists/1", json=form)
        assert (kept.status_code, kept.json()["name"], kept.json()["description"]) == (200, "Renamed", None)


async def test_an_open_library_has_playlists_of_nobody_and_hides_those_of_people(
    open_client: Client, people: None, rows: Rows
) -> None:
    rows(playlist(9, "Annas", user_id=1), playlist(8, "Public", user_id=1, is_public=True))
    mine = await make(open_client)
    assert (await shown(open_client, mine))["playlist"]["user_id"] is None
    assert await names(open_client, "?owner=mine") == ["Sunday"]
    assert await names(open_client) == ["Public", "Sunday"]
    assert (await open_client.get("/api/playlists/9")).status_code == 404
    assert (await open_client.delete("/api/playlists/8")).status_code == 200


async def test_nobody_gets_in_while_the_gate_is_closed(client: Client) -> None:
    for method, path, body in [
        *everything(1),
        ("GET", "/api/playlists/", None),
        ("POST", "/api/playlists/bulk/delete", {}),
    ]:
        assert (await client.request(method, path, json=body)).status_code == 401, path


async def test_a_list_costs_the_same_however_many_playlists(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(video(number, duration=number or None) for number in range(1, 11)))
    rows(*(playlist(number, f"List {number:02}") for number in range(1, 31)))
    rows(*(entry(number, number % 10 + 1, number, number % 3 + 1) for number in range(30)))
    open_client.queries.clear()
    page = (await open_client.get("/api/playlists/?per_page=20&page=1&video_id=1")).json()
    assert len(open_client.queries) == 6, (
        open_client.queries
    )  # the gate twice, the number, the rows, the sums, the video
    assert [(row["video_count"], row["total_duration"]) for row in page["playlists"][:4]] == [(10, 55)] * 3 + [(0, 0)]
    assert [row["has_video"] for row in page["playlists"][:4]] == [True, True, True, False]
    assert page["pagination"] == {
        "page": 1, "per_page": 20, "total": 30, "pages": 2, "has_next": True, "has_prev": False
    }  # fmt: skip
    assert (await open_client.get("/api/playlists/?page=9")).json()["playlists"] == []


async def test_lists_are_found_sorted_and_narrowed(open_client: Client, rows: Rows) -> None:
    rows(playlist(1, "Éclair", is_featured=True), playlist(2, "b", description="100% live"), playlist(3, "A"))
    assert await names(open_client) == ["A", "b", "Éclair"]
    assert await names(open_client, "?order=DESC") == ["Éclair", "b", "A"]
    assert await names(open_client, "?search=ECL") == await names(open_client, "?is_featured=true") == ["Éclair"]
    assert await names(open_client, "?search=LIVE&is_dynamic=false") == ["b"]
    for query in ("page=0", "per_page=201", "per_page=", "sort=size", "owner=me", "video_id=x", "page=1e3"):
        answer = await open_client.get(f"/api/playlists/?{query}")
        assert answer.status_code == 400, query
        assert query.partition("=")[0] in answer.json()["error"]


async def test_a_body_that_makes_no_playlist_is_told_why(open_client: Client) -> None:
    bodies: list[tuple[Any, str]] = [
        ({}, "name"),
        ({"name": "  "}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "x", "description": "x" * 1001}, "description"),
        ({"name": "x", "description": ["x"]}, "description"),
        ({"name": "x", "is_public": "yes"}, "is_public"),
        ({"name": "a\0b"}, "name"),
        ([], "object"),
    ]
    for body, named in bodies:
        answer = await open_client.post("/api/playlists/", json=body)
        assert (answer.status_code, named in answer.json()["error"]) == (400, True), answer.text


async def test_addresses_without_ids_and_slashes(open_client: Client) -> None:
    moved = await open_client.get("/api/playlists?page=2")
    assert (moved.status_code, moved.headers["location"]) == (308, "http://music.example.org/api/playlists/?page=2")
    for path in ("x", "99", "9" * 40, "1.5"):
        assert (await open_client.get(f"/api/playlists/{path}")).status_code == 404, path
    assert (await open_client.get("/api/playlists/user/7")).status_code == 404
    assert (await open_client.put("/api/playlists/1", json={})).status_code == 400
    assert (await open_client.patch("/api/playlists/1")).status_code == 405


async def test_many_are_deleted_and_each_that_stays_is_told(config: Config, people: None, rows: Rows) -> None:
    rows(artist(), video(1), playlist(1, "Annas", user_id=1), playlist(2, "Berts", user_id=2))
    rows(playlist(3, "Public", user_id=2, is_public=True), entry(1, 1, 1))
    async with logged_in(config, "anna") as anna:
        sent = {"playlist_ids": [1, "2", 3, 99, 1]}
        answer = (await anna.post("/api/playlists/bulk/delete", json=sent)).json()
        assert (answer["deleted_count"], answer["total_requested"]) == (1, 5)
        assert [row["playlist_id"] for row in answer["errors"]] == ["2", 3, 99]
        assert [row["error"] for row in answer["errors"]] == [
            "Playlist not found",
            "This playlist belongs to somebody else",
            "Playlist not found",
        ]
        wrongs: list[Any] = [{}, {"playlist_ids": []}, {"playlist_ids": [True]}, {"playlist_ids": [*range(501)]}]
        for wrong in wrongs:
            assert (await anna.post("/api/playlists/bulk/delete", json=wrong)).status_code == 400
        async with anna.state["database"].reading() as session:
            assert list(await session.scalars(select(PlaylistEntry.id))) == []
            assert list(await session.scalars(select(Video.id))) == [1]


async def test_videos_and_accounts_are_deleted_as_if_there_were_no_playlists(
    open_client: Client, people: None, rows: Rows
) -> None:
    """0.9 and the legacy side know nothing of playlists, and delete rows by their own statements."""
    rows(artist(), *(video(number) for number in range(1, 5)), playlist(1, "Annas", user_id=1), playlist(2))
    rows(*(entry(number, number, number, 2) for number in range(1, 5)), entry(9, 1, 1, 1))
    assert (await open_client.delete("/api/videos/2")).status_code == 200
    async with open_client.state["database"].writing() as session:
        await session.execute(delete(Video).where(Video.id == 3))
        await session.execute(delete(User).where(User.id == 1))
    assert await videos(open_client, 2) == [1, 4]
    async with open_client.state["database"].reading() as session:
        assert list(await session.scalars(select(PlaylistEntry.id).order_by(PlaylistEntry.id))) == [1, 4]


async def test_a_number_is_never_given_again(open_client: Client, rows: Rows) -> None:
    rows(Setting(id=7, key="other", value="x"))
    first = await make(open_client)
    assert (await open_client.delete(f"/api/playlists/{first}")).json() == {"message": "Playlist deleted successfully"}
    assert await make(open_client) == first + 1
