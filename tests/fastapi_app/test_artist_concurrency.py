"""Many artists change at once on a real MariaDB, while others edit and list: nothing is lost, nobody gets a 5xx."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from sqlalchemy import select, update

from fastapi_app.artists import locking
from fastapi_app.config import Config
from fastapi_app.models import Artist, Download, Video
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video
from tests.fastapi_app.stored import everything, one
from tests.fastapi_app.test_mariadb import installed
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]
Rows = Callable[..., None]

VIDEOS = range(1, 25)
MERGE = {"primary_artist_id": 1, "secondary_artist_ids": [2, 3]}
_WITHIN = 20.0


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB) -> Config:
    """A new installation on MariaDB, with connections for everybody."""
    return installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)


@pytest.fixture
def three(rows: Rows) -> None:
    """Three artists with eight videos each, every one with a download."""
    rows(*(artist(number, f"Artist {number}") for number in (1, 2, 3)))
    rows(*(video(number, artist_id=1 + number % 3) for number in VIDEOS))
    rows(*(Download(id=n, artist_id=1 + n % 3, video_id=n, title="d", original_url="u") for n in VIDEOS))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's five seconds may be too few for so many requests at once on a busy machine."""
    monkeypatch.setattr(locking, "PAUSES", locking.PAUSES * 8)


async def ask(statuses: list[int], client: Client, method: str, path: str, body: object) -> None:
    answer = await client.request(method, path, json=body)
    statuses.append(answer.status_code)


async def until_refused(client: Client, times: int) -> None:
    """Until somebody asked for locks that often."""
    with anyio.fail_after(_WITHIN):
        while len([text for text in client.queries if "videos" in text and "NOWAIT" in text]) < times:  # noqa: ASYNC110 - a list
            await anyio.sleep(0.01)


async def nothing_is_orphaned(client: Client) -> None:
    async with client.state["database"].reading() as session:
        lost = select(Video.id).where(Video.artist_id.not_in(select(Artist.id)))
        assert (await session.scalars(lost)).all() == []
        lost = select(Download.id).where(Download.artist_id.not_in(select(Artist.id)))
        assert (await session.scalars(lost)).all() == []


async def test_a_merge_gives_way_to_an_edit_that_goes_on_to_the_artist(open_client: Client, three: None) -> None:
    statuses: list[int] = []
    async with anyio.create_task_group() as group, open_client.state["database"].writing() as session:
        await session.execute(select(Video.id).where(Video.id == 1).with_for_update())
        group.start_soon(ask, statuses, open_client, "POST", "/api/artists/merge", MERGE)
        await until_refused(open_client, 2)
        await session.execute(update(Video).where(Video.id == 1).values(title="Edited"))
        await session.execute(update(Artist).where(Artist.id == 2).values(genres=["Rock"]))
    assert statuses == [200]
    edited = await one(open_client, Video, 1)
    assert (edited.title, edited.artist_id) == ("Edited", 1)
    assert await everything(open_client, Video) == list(VIDEOS)


async def test_a_lock_that_is_never_given_back_is_a_conflict(
    open_client: Client, three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "PAUSES", (0.0, 0.01))
    async with open_client.state["database"].writing() as session:
        await session.execute(select(Video.id).where(Video.id == 1).with_for_update())
        answer = await open_client.post("/api/artists/merge", json=MERGE)
        assert (answer.status_code, "try again" in answer.json()["error"]) == (409, True)
        assert (await open_client.post("/api/artists/bulk-delete", json={"artist_ids": [2]})).status_code == 409
        edit = {"artist_ids": [2], "updates": {"monitored": False}}
        assert (await open_client.post("/api/artists/bulk-edit", json=edit)).status_code == 200
    assert await everything(open_client, Artist) == [1, 2, 3]


async def test_edits_during_a_merge_are_kept(open_client: Client, three: None) -> None:
    statuses: list[int] = []
    async with anyio.create_task_group() as group:
        for number in VIDEOS:
            change = {"title": f"Edited {number}", "genres": [f"Genre {number}"]}
            group.start_soon(ask, statuses, open_client, "PUT", f"/api/videos/{number}", change)
            if number == 5:
                group.start_soon(ask, statuses, open_client, "POST", "/api/artists/merge", MERGE)
    assert Counter(statuses) == {200: len(VIDEOS) + 1}
    for number in VIDEOS:
        kept = await one(open_client, Video, number)
        assert (kept.title, kept.genres, kept.artist_id) == (f"Edited {number}", [f"Genre {number}"], 1)
    assert await everything(open_client, Artist) == [1]


async def test_merges_of_the_same_artists_come_one_after_the_other(open_client: Client, three: None) -> None:
    merges = ((1, [2, 3]), (2, [1, 3]), (3, [2, 1]), (1, [2]), (2, [1]))
    statuses: list[int] = []
    async with anyio.create_task_group() as group:
        for primary, secondaries in merges:
            body = {"primary_artist_id": primary, "secondary_artist_ids": secondaries}
            group.start_soon(ask, statuses, open_client, "POST", "/api/artists/merge", body)
    assert set(statuses) <= {200, 404, 409}
    assert 1 <= statuses.count(200) <= 2
    assert [await everything(open_client, table) for table in (Video, Download)] == [list(VIDEOS)] * 2
    await nothing_is_orphaned(open_client)


async def test_a_video_that_comes_during_a_merge_is_moved_or_refused(open_client: Client, three: None) -> None:
    statuses: list[int] = []
    body = {"primary_artist_id": 1, "secondary_artist_ids": [2]}
    async with anyio.create_task_group() as group:
        for number in (3, 6, 9, 12):  # those of the primary
            change = {"artist_name": "Artist 2"}
            group.start_soon(ask, statuses, open_client, "PUT", f"/api/videos/{number}", change)
        group.start_soon(ask, statuses, open_client, "POST", "/api/artists/merge", body)
    assert set(statuses) <= {200, 409}
    assert await everything(open_client, Video) == list(VIDEOS)
    await nothing_is_orphaned(open_client)


async def test_deleting_during_listings_breaks_none_of_them(open_client: Client, three: None, rows: Rows) -> None:
    rows(*(artist(number, f"Empty {number}") for number in range(4, 60)))
    statuses: list[int] = []
    paths = ("/", "/search/advanced?sort=video_count", "/search/filters", "/search/suggestions?q=Emp", "/1/navigation")
    listed = partial(ask, statuses, open_client, "GET")
    async with anyio.create_task_group() as group:
        for path in (*paths, *paths):
            group.start_soon(listed, f"/api/artists{path}", None)
        body = {"artist_ids": [2, *range(4, 60)]}
        group.start_soon(ask, statuses, open_client, "POST", "/api/artists/bulk-delete", body)
        group.start_soon(ask, statuses, open_client, "POST", "/api/artists/cleanup-zero-videos", None)
        for path in paths:
            group.start_soon(listed, f"/api/artists{path}", None)
    assert set(statuses) <= {200, 409}
    assert statuses.count(409) <= 1
    assert await everything(open_client, Artist) == [1, 3]
    await nothing_is_orphaned(open_client)
