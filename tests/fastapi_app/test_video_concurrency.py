"""Several visitors change the same videos at once, on a real MariaDB: a clear answer for each, and nothing orphaned."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import httpx2
import pytest
from sqlalchemy import func, select, text

from fastapi_app.config import Config
from fastapi_app.models import Download, Video, VideoStatus
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video
from tests.fastapi_app.test_mariadb import installed
from tests.fastapi_app.test_video_bulk import download
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]
Rows = Callable[..., None]
Request = Callable[[], Awaitable[httpx2.Response]]
DEADLINE = 20.0
MERGE = {"primary_id": 1, "duplicate_ids": [2], "merge_strategy": "merge_data"}


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB) -> Config:
    """A new installation on MariaDB."""
    return installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)


@pytest.fixture
def library(rows: Rows) -> None:
    rows(artist(), video(1), video(2, "Copy", imvdb_id="77", year=1999), download(1, 1), download(2, 2))


@asynccontextmanager
async def held(client: Client, video_id: int) -> AsyncIterator[None]:
    """Keeps one row locked during the block."""
    async with client.state["database"].writing() as session:
        await session.execute(select(Video.id).where(Video.id == video_id).with_for_update())
        yield


async def until_waiting(client: Client, count: int) -> None:
    """Until so many requests stand before a lock."""
    standing = text(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE command = 'Query' AND id <> CONNECTION_ID() "
        "AND (info LIKE '%FOR UPDATE' OR info LIKE 'DELETE%' OR info LIKE 'UPDATE%')"
    )
    with anyio.fail_after(DEADLINE):
        while True:
            async with client.state["database"].reading() as session:
                if (await session.scalar(standing) or 0) >= count:
                    return
            await anyio.sleep(0.01)


async def at_once(client: Client, video_id: int, requests: Sequence[Request]) -> list[httpx2.Response]:
    """The answers to requests that all arrive while a row is locked, in the given order."""
    answers: dict[int, httpx2.Response] = {}

    async def ask(place: int, request: Request) -> None:
        answers[place] = await request()

    async with anyio.create_task_group() as group, held(client, video_id):
        for place, request in enumerate(requests):
            group.start_soon(ask, place, request)
            await until_waiting(client, place + 1)
    return [answers[place] for place in range(len(requests))]


def merge(client: Client, **changed: object) -> Request:
    return lambda: client.post("/api/videos/duplicates/merge", json={**MERGE, **changed})


def edit(client: Client, video_id: int, **change: object) -> Request:
    return lambda: client.put(f"/api/videos/{video_id}", json=change)


def delete(client: Client, video_id: int) -> Request:
    return lambda: client.delete(f"/api/videos/{video_id}")


async def stored(client: Client, video_id: int) -> Video | None:
    async with client.state["database"].reading() as session:
        found: Video | None = await session.get(Video, video_id)
        return found


def merged(kept: Video) -> list[dict[str, Any]]:
    """What the kept video had no room for."""
    remains: list[dict[str, Any]] = (kept.video_metadata or {})["merged_videos"]
    return remains


async def downloads(client: Client) -> list[int | None]:
    async with client.state["database"].reading() as session:
        return list(await session.scalars(select(Download.video_id).order_by(Download.id)))


@pytest.mark.usefixtures("library")
async def test_a_copy_edited_just_before_the_merge_takes_its_edit_along(open_client: Client) -> None:
    requests = [edit(open_client, 2, title="Edited"), merge(open_client)]
    assert [answer.status_code for answer in await at_once(open_client, 2, requests)] == [200, 200]
    kept = await stored(open_client, 1)
    assert kept is not None
    assert merged(kept)[0]["title"] == "Edited"
    assert await downloads(open_client) == [1, 1]


@pytest.mark.usefixtures("library")
async def test_a_copy_edited_after_the_merge_is_gone(open_client: Client) -> None:
    requests = [merge(open_client), edit(open_client, 2, title="Edited")]
    assert [answer.status_code for answer in await at_once(open_client, 2, requests)] == [200, 404]
    assert await stored(open_client, 2) is None


@pytest.mark.usefixtures("library")
async def test_the_kept_video_edited_meanwhile_has_both_changes(open_client: Client) -> None:
    requests = [merge(open_client), edit(open_client, 1, title="Edited", imvdb_id="88")]
    assert [answer.status_code for answer in await at_once(open_client, 1, requests)] == [200, 200]
    kept = await stored(open_client, 1)
    assert kept is not None
    assert (kept.title, kept.imvdb_id, kept.year) == ("Edited", "88", 1999)
    assert merged(kept)[0]["id"] == 2


@pytest.mark.usefixtures("library")
async def test_whoever_deletes_first_wins_and_no_download_is_orphaned(open_client: Client) -> None:
    requests = [delete(open_client, 2), merge(open_client)]
    assert [answer.status_code for answer in await at_once(open_client, 2, requests)] == [200, 404]
    assert await downloads(open_client) == [1]
    assert await stored(open_client, 1) is not None


@pytest.mark.usefixtures("library")
async def test_the_kept_video_deleted_first_saves_the_copy(open_client: Client) -> None:
    requests = [delete(open_client, 1), merge(open_client)]
    assert [answer.status_code for answer in await at_once(open_client, 1, requests)] == [200, 404]
    assert await stored(open_client, 2) is not None
    assert await downloads(open_client) == [2]


@pytest.mark.usefixtures("library")
async def test_two_merges_into_each_other_keep_one_video(open_client: Client) -> None:
    requests = [merge(open_client), merge(open_client, primary_id=2, duplicate_ids=[1])]
    assert [answer.status_code for answer in await at_once(open_client, 1, requests)] == [200, 404]
    assert [await stored(open_client, 1) is None, await stored(open_client, 2) is None] == [False, True]
    assert await downloads(open_client) == [1, 1]


async def test_many_changed_and_many_deleted_at_once_stop_nobody(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(video(number, f"Song {number}") for number in range(1, 41)), download(1, 3), download(2, 39))
    ids = list(range(1, 41))
    change = {"video_ids": ids, "status": "FAILED"}
    requests: list[Request] = [
        lambda: open_client.put("/api/videos/bulk/status", json=change),
        lambda: open_client.post("/api/videos/bulk/delete", json={"video_ids": ids[20:][::-1]}),
        lambda: open_client.put("/api/videos/bulk/status", json={**change, "video_ids": ids[::-1]}),
    ]
    first, second, third = await at_once(open_client, 30, requests)
    assert [answer.status_code for answer in (first, second, third)] == [200, 200, 200]
    assert (first.json()["success_count"], second.json()["deleted_count"], third.json()["success_count"]) == (
        40,
        20,
        20,
    )
    async with open_client.state["database"].reading() as session:
        failed = select(func.count()).where(Video.status == VideoStatus.FAILED)
        assert await session.scalar(failed) == 20
    assert await downloads(open_client) == [3]
