"""The same over a real MariaDB, whose values and locks are others."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from fastapi_app.config import Config
from tests.deletions.shelf import fill, stored
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.test_mariadb import installed
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb, pytest.mark.long]
Rows = Callable[..., None]


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB) -> Config:
    """A new installation on MariaDB."""
    return installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)


async def test_everything_comes_back_as_it_was_and_once(open_client: Client, rows: Rows) -> None:
    fill(rows)
    before = await stored(open_client)
    for body in ({"videos": [1, 2, 3, 4]}, {"artists": [1, 2], "force": True}):
        made = await open_client.post("/api/deletions", json=body)
        assert made.status_code == 201, made.text
        assert (await stored(open_client))["videos"] == []
        statuses: list[int] = []

        async def restore(number: int, statuses: list[int]) -> None:
            statuses.append((await open_client.post(f"/api/deletions/{number}/restore")).status_code)

        async with anyio.create_task_group() as all_at_once:
            for _ in range(3):
                all_at_once.start_soon(restore, made.json()["id"], statuses)
        assert sorted(statuses) == [200, 409, 409]
        assert await stored(open_client) == before


async def test_many_who_delete_the_same_leave_one_way_back(open_client: Client, rows: Rows) -> None:
    fill(rows)
    before = await stored(open_client)
    statuses: list[int] = []

    async def delete() -> None:
        statuses.append((await open_client.post("/api/deletions", json={"videos": [1, 4]})).status_code)

    async with anyio.create_task_group() as all_at_once:
        for _ in range(4):
            all_at_once.start_soon(delete)
    assert sorted(statuses) == [201, 404, 404, 404]
    (kept,) = (await open_client.get("/api/deletions")).json()["deletions"]
    assert (await open_client.post(f"/api/deletions/{kept['id']}/restore")).status_code == 200
    assert await stored(open_client) == before
