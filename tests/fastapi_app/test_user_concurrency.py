"""Two administrators demote each other at the same moment: one of them stays, on both databases."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from sqlalchemy import select

from fastapi_app.config import Config
from fastapi_app.models import User, UserRole
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import log_in, user
from tests.fastapi_app.test_mariadb import installed
from tests.servers.mariadb import MariaDB

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

USERS = "/api/api/users"


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def config(request: pytest.FixtureRequest, tmp_path: Path, config: Config) -> Config:
    """A new installation on each database."""
    if request.param == "sqlite":
        return config
    server: MariaDB = request.getfixturevalue("mariadb")
    return installed(server.create_database(f"test_{uuid4().hex}"), tmp_path)


@pytest.fixture
async def cookies(client: Client, rows: Rows) -> dict[int, dict[str, str]]:
    """Two administrators, and the headers that each sends."""
    rows(user(1, "boss", UserRole.ADMIN), user(2, "chief", UserRole.ADMIN))
    found = {}
    for number, name in ((1, "boss"), (2, "chief")):
        client.cookies.clear()
        await log_in(client, name)
        found[number] = {"cookie": f"mvidarr_session={client.cookies['mvidarr_session']}"}
    client.cookies.clear()
    return found


@pytest.mark.parametrize(
    ("path", "body"), [("role", {"role": "USER"}), ("deactivate", None)], ids=["demoted", "switched off"]
)
async def test_one_of_two_administrators_stays(
    client: Client, cookies: dict[int, dict[str, str]], path: str, body: object
) -> None:
    statuses: list[int] = []

    async def take_rights(own: int, target: int) -> None:
        method, address = "PUT" if body else "POST", f"{USERS}/{target}/{path}"
        statuses.append((await client.request(method, address, json=body, headers=cookies[own])).status_code)

    async with anyio.create_task_group() as group:
        group.start_soon(take_rights, 1, 2)
        group.start_soon(take_rights, 2, 1)
    assert Counter(statuses)[200] == 1, statuses
    assert set(statuses) <= {200, 401, 403, 409}
    async with client.state["database"].reading() as session:
        left = select(User.id).where(User.role == UserRole.ADMIN, User.is_active.is_(True))
        assert len(list(await session.scalars(left))) == 1


async def test_one_name_made_many_times_at_once_is_made_once(
    client: Client, cookies: dict[int, dict[str, str]]
) -> None:
    statuses: list[int] = []

    async def make(name: str) -> None:
        new = {"username": name, "email": f"{uuid4().hex}@example.org", "password": "Golden-New1!"}
        statuses.append((await client.post(f"{USERS}/", json=new, headers=cookies[1])).status_code)

    async with anyio.create_task_group() as group:
        for name in ("berta", "BERTA", "Berta", "bertA"):
            group.start_soon(make, name)
    assert Counter(statuses) == {201: 1, 409: 3}
