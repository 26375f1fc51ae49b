"""Changing and resetting passwords."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fastapi_app.auth.single_account import MOVED
from fastapi_app.models import Attempt, AuditEvent, Setting, User, UserRole, UserSession, now
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import PASSWORD, log_in, user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

NEW = "Another-Horse2!"
CHANGE = "/auth/change-password"
RESET = "/auth/reset-password"
CHANGED = {"success": True, "message": "Password changed successfully"}
INVALID = "The reset code is not valid, or it is too old"


async def statuses(client: Client) -> list[str]:
    async with client.state["database"].reading() as session:
        return [row.status.value for row in await session.scalars(select(UserSession).order_by(UserSession.id))]


async def row(client: Client, row_id: int = 1) -> User:
    async with client.state["database"].reading() as session:
        found: User = await session.get_one(User, row_id)
        return found


async def events(client: Client) -> list[str]:
    async with client.state["database"].reading() as session:
        return list(await session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))


def other_login(user_id: int = 1) -> UserSession:
    return UserSession(id=50, user_id=user_id, session_token="t" * 43, expires_at=now() + timedelta(hours=1))


async def test_a_change_ends_the_other_logins_and_keeps_this_one(client: Client, rows: Rows) -> None:
    rows(user(), other_login())
    await log_in(client)
    answer = await client.post(CHANGE, json={"current_password": PASSWORD, "new_password": NEW})
    assert (answer.status_code, answer.json()) == (200, CHANGED)
    assert await statuses(client) == ["REVOKED", "ACTIVE"]
    assert (await client.get("/auth/check")).json()["authenticated"] is True
    await log_in(client, password=NEW)
    assert (await client.post("/auth/login", json={"username": "anna", "password": PASSWORD})).status_code == 401
    assert "password_changed" in await events(client)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Current password and new password are required"),
        ({"current_password": "wrong", "new_password": "short"}, "New password must be at least 8 characters long"),
        ({"current_password": "wrong", "new_password": "longenough1"}, "Current password is incorrect"),
        (
            {"current_password": PASSWORD, "new_password": "longenough1"},
            "New password must contain at least one uppercase letter",
        ),
        ({"current_password": PASSWORD, "new_password": NEW + "x" * 72}, "New password must be at most 72 bytes long"),
        ({"current_password": "x" * 10_000, "new_password": NEW}, "Current password is incorrect"),
        ({"current_password": 5, "new_password": NEW}, "current_password must be text"),
        ([], "The body must be a JSON object"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_change_that_is_refused(client: Client, rows: Rows, body: Any, error: str) -> None:
    rows(user(), other_login())
    await log_in(client)
    answer = await client.post(CHANGE, **as_json(body))
    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert await statuses(client) == ["ACTIVE", "ACTIVE"]


async def test_guessing_the_present_password_is_stopped(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    wrong = {"current_password": "wrong", "new_password": NEW}
    assert {(await client.post(CHANGE, json=wrong)).status_code for _ in range(5)} == {400}
    answer = await client.post(CHANGE, json={**wrong, "current_password": PASSWORD})
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
    assert (await events(client)).count("password_change_refused") == 5


async def test_nobody_changes_a_password_through_the_open_gate(open_client: Client) -> None:
    answer = await open_client.post(CHANGE, json={"current_password": "x", "new_password": "y"})
    assert (answer.status_code, answer.json()["error"]) == (401, "Authentication required")


async def test_an_administrator_changes_name_and_password(client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN), user(2, "Ännä"), other_login())
    rows(Setting(id=1, key="simple_auth_username", value="boss"))
    rows(Setting(id=2, key="simple_auth_password", value="0" * 64))
    await log_in(client, "boss")
    assert (await client.get("/auth/credentials")).json() == {"username": "boss", "has_credentials": True}
    taken = await client.post("/auth/credentials", json={"username": "anna", "password": NEW})
    assert (taken.status_code, taken.json()) == (409, {"error": "Username already exists"})
    assert await statuses(client) == ["ACTIVE", "ACTIVE"]
    answer = await client.post("/auth/credentials", json={"username": "chief", "password": NEW})
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert (await client.get("/auth/credentials")).json()["username"] == "chief"
    assert await statuses(client) == ["REVOKED", "ACTIVE"]
    await log_in(client, "chief", NEW)
    async with client.state["database"].reading() as session:
        assert (await session.get_one(Setting, 2)).value == MOVED


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "No data provided"),
        ({"username": "abc"}, "Username and password are required"),
        ({"username": "ab", "password": NEW}, "Username must be at least 3 characters long"),
        (
            {"username": "a b c", "password": NEW},
            "Username can only contain letters, numbers, underscores, and hyphens",
        ),
        ({"username": "abc", "password": "short"}, "Password must be at least 8 characters long"),
        ({"username": ["abc"], "password": NEW}, "username must be text"),
    ],
    ids=str,
)
async def test_credentials_that_are_refused(client: Client, rows: Rows, body: Any, error: str) -> None:
    rows(user(1, "boss", UserRole.ADMIN))
    await log_in(client, "boss")
    answer = await client.post("/auth/credentials", json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


async def test_nothing_leads_back_to_a_published_password(client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN), other_login())
    await log_in(client, "boss")
    body = (await client.post("/auth/credentials/reset")).json()
    assert (body["username"], len(body["password"])) == ("boss", 20)
    assert await statuses(client) == ["REVOKED", "ACTIVE"]
    await log_in(client, "boss", body["password"])


async def test_a_reset_code_works_once(client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN))
    rows(user(2, "anna", failed_login_attempts=3, locked_until=now() + timedelta(minutes=9)))
    rows(Attempt(subject="home:2:127.0.0.1", failures=10, window_began_at=now(), blocked_until=now()))
    rows(other_login(2))
    await log_in(client, "boss")
    made = (await client.post("/api/api/users/2/reset-password")).json()
    assert (made["username"], made["reset_url"]) == (
        "anna", f"http://music.example.org/auth/reset-password#{made['reset_token']}",
    )  # fmt: skip
    assert made["reset_token"] not in str(vars(await row(client, 2)))
    client.cookies.clear()
    for code, password, error in (
        ("nothing", NEW, INVALID),
        (made["reset_token"], "weak", "New password must be at least 8 characters long"),
        (made["reset_token"].swapcase(), NEW, INVALID),
    ):
        answer = await client.post(RESET, json={"token": code, "new_password": password})
        assert (answer.status_code, answer.json()) == (400, {"error": error})
    answer = await client.post(RESET, json={"token": made["reset_token"], "new_password": NEW})
    assert (answer.status_code, answer.json()) == (200, CHANGED)
    assert await statuses(client) == ["REVOKED", "ACTIVE"]
    await log_in(client, "anna", NEW)
    again = await client.post(RESET, json={"token": made["reset_token"], "new_password": NEW})
    assert again.json() == {"error": INVALID}
    told = await events(client)
    assert {"password_reset_asked", "password_reset", "password_change_refused"} <= {*told}


async def test_a_reset_code_grows_old_and_a_new_one_voids_it(client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN), user(2))
    await log_in(client, "boss")
    first = (await client.post("/api/api/users/2/reset-password")).json()["reset_token"]
    second = (await client.post("/api/api/users/2/reset-password")).json()["reset_token"]
    assert (await client.post(RESET, json={"token": first, "new_password": NEW})).json() == {"error": INVALID}
    async with client.state["database"].writing() as session:
        (await session.get_one(User, 2)).password_reset_expires = now() - timedelta(seconds=1)
    assert (await client.post(RESET, json={"token": second, "new_password": NEW})).json() == {"error": INVALID}


async def test_guessing_reset_codes_is_stopped(client: Client, rows: Rows) -> None:
    for number in range(10):
        answer = await client.post(RESET, json={"token": f"guess{number}", "new_password": NEW})
        assert answer.status_code == 400
    answer = await client.post(RESET, json={"token": "guess", "new_password": NEW})
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)


async def test_the_form_takes_the_code_from_no_query(client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN), user(2))
    await log_in(client, "boss")
    code = (await client.post("/api/api/users/2/reset-password")).json()["reset_token"]
    page = await client.get(f"{RESET}?token={code}")
    assert "<title>New password - MVidarr</title>" in page.text
    assert code not in page.text
    back = await client.post(RESET, data={"token": code, "new_password": "weak"})
    assert back.headers["location"].startswith(f"{RESET}?error=New+password+must+be")
    done = await client.post(RESET, data={"token": f" {code} ", "new_password": NEW})
    assert (done.status_code, done.headers["location"]) == (302, "/auth/login")
    await log_in(client, "anna", NEW)


async def test_only_administrators_reset_others(client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.MANAGER), user(2))
    for path in ("/api/api/users/2/reset-password", "/auth/credentials", "/auth/credentials/reset"):
        assert (await client.post(path, json={})).status_code == 401
    await log_in(client, "boss")
    for path in ("/api/api/users/2/reset-password", "/auth/credentials", "/auth/credentials/reset"):
        assert (await client.post(path, json={})).status_code == 403
    async with client.state["database"].writing() as session:
        (await session.get_one(User, 1)).role = UserRole.ADMIN
    assert (await client.post("/api/api/users/99/reset-password")).status_code == 404
