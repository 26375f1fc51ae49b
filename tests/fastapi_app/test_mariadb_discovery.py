"""Discoveries at the same moment, over a real MariaDB: its unique index and its locks lose nothing and store once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import pytest
from sqlalchemy import select

from fastapi_app.config import Config
from fastapi_app.models import Artist, Setting, Video
from tests.fastapi_app.conftest import NOBODY_OUTSIDE, Client
from tests.fastapi_app.library import artist, video
from tests.fastapi_app.test_mariadb import installed
from tests.servers.imvdb import KEY, FakeIMVDb, Reply, fake_imvdb, result, results
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]
Rows = Callable[..., None]

ARTISTS = 4
VIDEOS = 30


@pytest.fixture
def fake() -> Iterator[FakeIMVDb]:
    with fake_imvdb() as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB, fake: FakeIMVDb) -> Config:
    """A new installation on MariaDB."""
    made = installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)
    return made.model_copy(update={**NOBODY_OUTSIDE, "imvdb_url": fake.url})


async def test_artists_with_the_same_videos_store_each_once(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    """In opposite orders, which is what deadlocks are made of."""
    rows(Setting(id=9, key="imvdb_api_key", value=KEY))
    rows(*(artist(number, f"A{number}") for number in range(1, ARTISTS + 1)))
    everybody = [{"name": f"A{number}"} for number in range(1, ARTISTS + 1)]

    def page(odd: bool) -> Reply:
        found = [result(number, song=f"s{number}", artists=everybody) for number in range(1, VIDEOS + 1)]
        return results(*(reversed(found) if odd else found))

    fake.answer = lambda call: page(call.query["q"] in ("A1", "A3"))
    answers: list[Any] = []

    async def discover(number: int) -> None:
        answers.append(await open_client.post(f"/api/discovery/artist/{number}", json={"limit": VIDEOS}))

    async with anyio.create_task_group() as group:
        for number in (*range(1, ARTISTS + 1), *range(1, ARTISTS + 1)):
            group.start_soon(discover, number)
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    async with open_client.state["database"].reading() as session:
        ids = list(await session.scalars(select(Video.imvdb_id)))
    assert sorted(map(str, ids)) == sorted(str(number) for number in range(1, VIDEOS + 1))
    assert sum(answer.json()["stored_count"] for answer in answers) == VIDEOS


async def test_titles_are_equal_where_mariadb_says_so(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(Setting(id=9, key="imvdb_api_key", value=KEY), artist(monitored=True), video(1, "NOVA KESTREL - strasse "))
    fake.answer = lambda _call: results(result(1, song="Straße"), result(2, song="Strasse II"))
    answer = (await open_client.post("/api/discovery/all", json={})).json()
    assert (answer["total_stored"], answer["results"][0]["result"]["videos"][0]["imvdb_id"]) == (1, 2)
    async with open_client.state["database"].reading() as session:
        assert await session.scalar(select(Artist.last_discovery)) is not None
