"""Counting failures of many at once, over a real MariaDB: each counts, and nobody waits for ever."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import anyio
import pyotp
import pytest
from sqlalchemy import select

from fastapi_app.auth import hashing
from fastapi_app.config import Config
from fastapi_app.models import Attempt, User, UserSession, now
from tests.fastapi_app.auth.test_second_factor_login import PLAIN, SECRET, STORED, VERIFY
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import PASSWORD, user
from tests.fastapi_app.test_mariadb import installed
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]
Rows = Callable[..., None]


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB) -> Config:
    """A new installation on MariaDB."""
    return installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "verify_password", lambda password, _stored: password == PASSWORD)


async def at_once(client: Client, path: str, bodies: list[dict[str, object]], cookie: str = "") -> list[int]:
    statuses: list[int] = []

    async def ask(body: dict[str, object]) -> None:
        headers = {"cookie": cookie} if cookie else {}
        statuses.append((await client.post(path, json=body, headers=headers)).status_code)

    async with anyio.create_task_group() as group:
        for body in bodies:
            group.start_soon(ask, body)
    return statuses


async def test_every_failure_counts(client: Client, rows: Rows) -> None:
    rows(user(), user(2, "bert"))
    names = ["anna", "bert", "nobody", "nothing"]
    bodies: list[dict[str, object]] = [{"username": name, "password": "wrong"} for name in names * 5]
    assert {*await at_once(client, "/auth/login", bodies)} == {401}
    async with client.state["database"].reading() as session:
        counts = {row.subject: row.failures for row in await session.scalars(select(Attempt))}
        locks = list(await session.scalars(select(User.locked_until)))
    assert counts["address:127.0.0.1"] == 20
    assert counts["refused:address:127.0.0.1"] == 20
    assert sorted(count for subject, count in counts.items() if subject.startswith("name:")) == [5, 5]
    assert None not in locks


async def test_the_limit_holds_for_many_at_once(client: Client, rows: Rows) -> None:
    rows(Attempt(subject="address:127.0.0.1", failures=57, window_began_at=now()))
    bodies: list[dict[str, object]] = [{"username": f"name{number}", "password": "wrong"} for number in range(20)]
    assert sorted(await at_once(client, "/auth/login", bodies)) == [401] * 3 + [429] * 17


@pytest.mark.parametrize("kind", ["clock", "backup"])
async def test_one_code_opens_one_login(client: Client, rows: Rows, kind: str) -> None:
    rows(user(two_factor_enabled=True, two_factor_secret=SECRET, backup_codes=STORED))
    await client.post("/auth/login", json={"username": "anna", "password": PASSWORD})
    cookie = f"mvidarr_session={client.cookies['mvidarr_session']}"
    client.cookies.clear()
    code = PLAIN[0] if kind == "backup" else pyotp.TOTP(SECRET).now()
    statuses = await at_once(client, VERIFY, [{"user_id": 1, "token": code}] * 4, cookie)
    assert sorted(statuses) == [200, 401, 401, 401]
    async with client.state["database"].reading() as session:
        assert len(list(await session.scalars(select(UserSession.id)))) == 1


async def test_look_alikes_are_nobody(client: Client, rows: Rows) -> None:
    rows(user())
    for name in ("ännä", "anna ", "аnna", "ａnna"):
        answer = await client.post("/auth/login", json={"username": name, "password": PASSWORD})
        assert answer.status_code == 401
