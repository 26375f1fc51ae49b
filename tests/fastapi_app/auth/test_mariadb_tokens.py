"""Tokens over a real MariaDB: its locks decide who wins."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from fastapi_app.config import Config
from tests.fastapi_app.auth.test_api_keys import bring, created
from tests.fastapi_app.auth.test_tokens import bearer, change, events, granted, refresh
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import log_in, user
from tests.fastapi_app.test_mariadb import installed
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]
Rows = Callable[..., None]


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB) -> Config:
    """A new installation on MariaDB."""
    return installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)


async def test_of_refreshes_at_once_one_wins(client: Client, rows: Rows) -> None:
    rows(user())
    token = (await granted(client))["refresh_token"]
    statuses: list[int] = []

    async def once() -> None:
        statuses.append((await refresh(client, token)).status_code)

    async with anyio.create_task_group() as group:
        for _client in range(6):
            group.start_soon(once)
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]


async def test_a_replay_and_a_logout_end_the_family(client: Client, rows: Rows) -> None:
    rows(user())
    first = await granted(client)
    second = (await refresh(client, first["refresh_token"])).json()
    client.headers["user-agent"] = "a thief"
    assert (await refresh(client, first["refresh_token"])).status_code == 401
    assert (await client.get("/auth/me", headers=bearer(second["access_token"]))).status_code == 401
    assert await events(client) == ["login", "tokens_issued", "token_replayed", "token_refused"]


async def test_a_key_lives_and_dies(client: Client, rows: Rows) -> None:
    from fastapi_app.models import ApiKey, now

    rows(user())
    await log_in(client)
    key, row = await created(client)
    client.cookies.clear()
    assert (await client.get("/auth/me", headers=bring(key))).json()["via"] == "key"
    assert row["last_used_at"] is None
    await change(client, ApiKey, expires_at=now())
    assert (await client.get("/auth/me", headers=bring(key))).status_code == 401
