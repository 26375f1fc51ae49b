"""Edits of one row at the same moment, over a real MariaDB: all of them count."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from sqlalchemy import select

from fastapi_app.config import Config
from fastapi_app.models import Setting
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video
from tests.fastapi_app.test_mariadb import installed
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]
Rows = Callable[..., None]


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB) -> Config:
    """A new installation on MariaDB."""
    return installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)


async def add(client: Client, number: int, answers: list[int]) -> None:
    answers.append((await client.post("/api/webhooks/", json={"url": f"http://h/{number}"})).status_code)


async def saved(client: Client) -> set[str]:
    async with client.state["database"].reading() as session:
        text = await session.scalar(select(Setting.value).where(Setting.key == "webhooks_config"))
    return {endpoint["url"] for endpoint in json.loads(text or "{}").get("endpoints", [])}


async def test_webhooks_added_at_once_are_all_saved(open_client: Client, rows: Rows) -> None:
    rows(Setting(id=9, key="webhooks_config", value="{}"))
    answers: list[int] = []
    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(add, open_client, number, answers)
    assert (set(answers), await saved(open_client)) == ({201}, {f"http://h/{number}" for number in range(10)})


async def test_the_first_webhooks_added_at_once_are_saved_or_refused(open_client: Client) -> None:
    answers: list[int] = []
    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(add, open_client, number, answers)
    assert set(answers) <= {201, 409, 503}
    assert len(await saved(open_client)) == answers.count(201) > 0


@pytest.mark.parametrize("paths", [["/api/genres/videos"], ["/api/videos"], ["/api/genres/videos", "/api/videos"]])
async def test_genres_set_at_once_all_count_for_the_artist(
    open_client: Client, rows: Rows, paths: Sequence[str]
) -> None:
    rows(artist(), *(video(number) for number in range(1, 9)))

    async def put(number: int) -> None:
        path = f"{paths[number % len(paths)]}/{number}"
        answer = await open_client.put(path, json={"genres": [f"G{number}"]})
        assert answer.status_code == 200, answer.text

    async with anyio.create_task_group() as group:
        for number in range(1, 9):
            group.start_soon(put, number)
    genres = (await open_client.get("/api/genres/artists/1")).json()["genres"]
    assert sorted(genres) == [f"G{number}" for number in range(1, 9)]
    assert (await open_client.get("/api/genres/G1/videos")).json()["videos"][0]["id"] == 1
