"""0.9's single account becomes the administrator of its name; old hashes give way to bcrypt."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from fastapi_app.auth.passwords import hash_password, verify_password
from fastapi_app.auth.single_account import MOVED
from fastapi_app.models import Setting, User, UserRole
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

PASSWORD = "hunter-two"
INVALID = {"error": "Invalid username or password"}
DOORS = ["/auth/login", "/simple-login"]


def digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def settings(name: str = "boss", password: str = PASSWORD) -> list[Setting]:
    return [
        Setting(id=1, key="simple_auth_username", value=name),
        Setting(id=2, key="simple_auth_password", value=digest(password)),
    ]


async def stored(client: Client) -> tuple[list[User], str]:
    async with client.state["database"].reading() as session:
        users = list(await session.scalars(select(User).order_by(User.id)))
        value = await session.scalar(select(Setting.value).where(Setting.key == "simple_auth_password"))
        return users, value or ""


async def log_in(client: Client, name: str = "boss", password: str = PASSWORD, door: str = DOORS[1]) -> Any:
    return await client.post(door, json={"username": name, "password": password})


@pytest.mark.parametrize("door", DOORS)
async def test_the_single_account_becomes_an_administrator(client: Client, rows: Rows, door: str) -> None:
    rows(*settings())
    assert (await log_in(client, password="wrong", door=door)).json() == INVALID
    assert (await log_in(client, door=door)).status_code == 200
    assert (await client.get("/auth/check")).json()["user"]["can_admin"] is True
    (made,), setting = await stored(client)
    assert (made.username, made.email, made.role) == ("boss", "boss@mvidarr.local", UserRole.ADMIN)
    assert made.password_hash.startswith("$2b$")
    assert verify_password(PASSWORD, made.password_hash)
    assert setting == MOVED
    assert (await log_in(client, door=door)).status_code == 200


async def test_its_password_replaces_that_of_the_administrator_of_its_name(client: Client, rows: Rows) -> None:
    rows(user(1, "Boss", UserRole.ADMIN), *settings())
    assert (await log_in(client)).status_code == 200
    (found,), setting = await stored(client)
    assert verify_password(PASSWORD, found.password_hash)
    assert setting == MOVED


@pytest.mark.parametrize(
    "columns",
    [
        {"role": UserRole.USER},
        {"role": UserRole.MANAGER},
        {"two_factor_enabled": True},
    ],
    ids=str,
)
async def test_it_is_nobody_else(client: Client, rows: Rows, columns: dict[str, Any]) -> None:
    rows(user(**{"row_id": 1, "name": "boss", "role": UserRole.ADMIN, **columns}), *settings())
    assert (await log_in(client)).json() == INVALID
    _, setting = await stored(client)
    assert setting == digest(PASSWORD)


async def test_an_inactive_administrator_stays_out(client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN, is_active=False), *settings())
    assert (await log_in(client)).json() == {"error": "Account is inactive"}


@pytest.mark.parametrize("password", ["mvidarr", "admin", "MVidarr@dmin123"])
@pytest.mark.parametrize("name", ["admin", "boss"])
async def test_a_published_password_never_logs_in(client: Client, rows: Rows, name: str, password: str) -> None:
    rows(*settings(name, password))
    for door in DOORS:
        assert (await log_in(client, name, password, door)).json() == INVALID
    assert (await stored(client))[0] == []


async def test_a_look_alike_of_it_is_nobody(client: Client, rows: Rows) -> None:
    rows(*settings())
    assert (await log_in(client, "böss")).json() == INVALID
    assert (await log_in(client, "BOSS")).status_code == 200


async def test_a_password_that_bcrypt_would_cut_does_not_move(client: Client, rows: Rows) -> None:
    rows(*settings(password="x" * 73))
    assert (await log_in(client, password="x" * 73)).json() == INVALID


async def test_an_unsalted_hash_of_a_user_is_replaced(client: Client, rows: Rows) -> None:
    rows(user(password_hash=digest(PASSWORD).upper()))
    assert (await log_in(client, "anna", "wrong")).json() == INVALID
    assert (await log_in(client, "anna")).status_code == 200
    (found,), _ = await stored(client)
    assert found.password_hash.startswith("$2b$")
    assert (await log_in(client, "anna")).status_code == 200


async def test_hashes_that_0_9_reads_stay(client: Client, rows: Rows) -> None:
    kept = "pbkdf2:sha256:1000$salt$" + hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), b"salt", 1000).hex()
    rows(user(password_hash=kept))
    assert (await log_in(client, "anna")).status_code == 200
    assert (await stored(client))[0][0].password_hash == kept


async def test_a_taken_address_does_not_stop_it(client: Client, rows: Rows) -> None:
    rows(user(1, "other", email="boss@mvidarr.local", password_hash=hash_password("x", 4)), *settings())
    assert (await log_in(client)).status_code == 200
    assert [found.email for found in (await stored(client))[0]] == ["boss@mvidarr.local", "boss-1@mvidarr.local"]
