"""The second step of a login."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import anyio
import pyotp
import pytest
from sqlalchemy import select

from fastapi_app.auth import pending as pending_login
from fastapi_app.auth.passwords import hash_password
from fastapi_app.auth.second_factor.rules import new_backup_codes
from fastapi_app.models import AuditEvent, User, UserSession
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import PASSWORD, user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RIGHT = {"username": "anna", "password": PASSWORD}
VERIFY = "/2fa/api/verify-login"
NOT_LOGGED_IN = {"code": "AUTH_REQUIRED", "error": "Authentication required"}
PLAIN, STORED = new_backup_codes()


def anna(**columns: Any) -> User:
    given = {"two_factor_enabled": True, "two_factor_secret": SECRET, "backup_codes": STORED}
    return user(**{**given, **columns})


def code() -> str:
    return pyotp.TOTP(SECRET).now()


def wrong() -> str:
    right = {pyotp.TOTP(SECRET).at(int(time.time()) + 30 * step) for step in (-2, -1, 0, 1, 2)}
    return next(text for text in map("{:06}".format, range(6)) if text not in right)


async def half_way(client: Client, door: str = "/auth/login") -> None:
    answer = await client.post(door, json=RIGHT)
    assert answer.json() == {
        "success": False,
        "requires_2fa": True,
        "message": "Two-factor authentication required",
        "user_id": 1,
    }


async def is_logged_in(client: Client) -> bool:
    return bool((await client.get("/auth/check")).json()["authenticated"])


async def row(client: Client) -> User:
    async with client.state["database"].reading() as session:
        found: User = await session.get_one(User, 1)
        return found


async def test_a_password_alone_opens_nothing(client: Client, rows: Rows) -> None:
    rows(anna())
    await half_way(client)
    assert not await is_logged_in(client)
    assert (await client.get("/api/artists/")).status_code == 401
    answer = await client.post(VERIFY, json={"user_id": 1, "token": code()})
    body = answer.json()
    assert (answer.status_code, len(body.pop("session_token"))) == (200, 43)
    assert body == {"success": True, "message": "Login successful", "redirect_url": "/"}
    assert await is_logged_in(client)


@pytest.mark.parametrize(("door", "keeps"), [("/auth/login", False), ("/simple-login", True)])
async def test_a_form_asks_on_a_page_and_leads_on(client: Client, rows: Rows, door: str, keeps: bool) -> None:
    rows(anna())
    answer = await client.post(door, params={"next": "/videos?q=1"}, data=RIGHT)
    assert (answer.status_code, answer.headers["location"]) == (302, "/2fa/verify")
    page = await client.get("/2fa/verify")
    assert "<title>Verification - MVidarr</title>" in page.text
    assert f'action="{VERIFY}"' in page.text
    back = await client.post(VERIFY, data={"token": wrong()})
    assert back.headers["location"] == "/2fa/verify?error=Invalid+verification+code"
    assert "Invalid verification code" in (await client.get(back.headers["location"])).text
    assert (await client.post(VERIFY, data={})).headers["location"] == "/2fa/verify?error=The+code+is+required"
    answer = await client.post(VERIFY, data={"token": code()})
    assert (answer.status_code, answer.headers["location"]) == (302, "/videos?q=1")
    assert ("Expires=" in answer.headers["set-cookie"]) is keeps
    assert await is_logged_in(client)


async def test_without_a_pending_login_no_code_counts(client: Client, rows: Rows) -> None:
    rows(anna())
    answer = await client.post(VERIFY, json={"user_id": 1, "token": code()})
    assert (answer.status_code, answer.json()) == (401, NOT_LOGGED_IN)
    for path in (await client.get("/2fa/verify"), await client.post(VERIFY, data={"token": code()})):
        assert (path.status_code, path.headers["location"]) == (302, "/auth/login")


async def test_a_pending_login_is_for_its_own_user_alone(client: Client, rows: Rows) -> None:
    rows(anna(), user(2, "bert", two_factor_enabled=True, two_factor_secret=SECRET))
    await half_way(client)
    assert (await client.post(VERIFY, json={"user_id": 2, "token": code()})).json() == NOT_LOGGED_IN
    assert not await is_logged_in(client)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "User ID and verification token are required"),
        ({"user_id": 3}, "User ID and verification token are required"),
        ({"token": "123456"}, "User ID and verification token are required"),
        ({"user_id": "x", "token": "1"}, "user_id must be a whole number"),
        ({"user_id": 1, "token": 123456}, "token must be text"),
        ({"user_id": 1, "token": "1\0"}, "token must be text without NUL characters and lone surrogates"),
        ([], "The body must be a JSON object"),
    ],
    ids=str,
)
async def test_bodies_that_say_nothing(client: Client, body: Any, error: str) -> None:
    answer = await client.post(VERIFY, **as_json(body))
    assert (answer.status_code, answer.json()) == (400, {"error": error})


async def test_a_code_counts_once(client: Client, rows: Rows) -> None:
    rows(anna())
    used = code()
    for status in (200, 401):
        await half_way(client)
        assert (await client.post(VERIFY, json={"user_id": 1, "token": used})).status_code == status
    assert not await is_logged_in(client)


async def test_two_at_once_with_one_code(client: Client, rows: Rows) -> None:
    rows(anna())
    for used in (code(), PLAIN[3]):
        await half_way(client)
        statuses: list[int] = []

        async def give(text: str, seen: list[int], cookie: str) -> None:
            headers = {"cookie": f"mvidarr_session={cookie}"}
            seen.append((await client.post(VERIFY, json={"user_id": 1, "token": text}, headers=headers)).status_code)

        cookie = client.cookies["mvidarr_session"]
        client.cookies.clear()
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(give, used, statuses, cookie)
        assert sorted(statuses) == [200, 401, 401, 401]


async def test_a_backup_code_counts_once(client: Client, rows: Rows) -> None:
    rows(anna(two_factor_secret=None))
    for status in (200, 401):
        await half_way(client)
        answer = await client.post(VERIFY, json={"user_id": 1, "token": PLAIN[2].lower()})
        assert answer.status_code == status
    assert (await row(client)).backup_codes == STORED[:2] + STORED[3:]


async def test_five_wrong_codes_end_the_pending_login(client: Client, rows: Rows) -> None:
    rows(anna())
    await half_way(client)
    statuses = [(await client.post(VERIFY, json={"user_id": 1, "token": wrong()})).status_code for _ in range(6)]
    assert statuses == [401, 401, 401, 401, 429, 401]  # the last one has no pending login any more
    await half_way(client)
    answer = await client.post(VERIFY, json={"user_id": 1, "token": code()})
    assert (answer.status_code, 200 <= int(answer.headers["retry-after"]) <= 300) == (429, True)
    assert not await is_logged_in(client)


@pytest.mark.parametrize(
    "change",
    [{"password_hash": hash_password("Another-One1!", rounds=4)}, {"is_active": False}, {"two_factor_enabled": False}],
    ids=["another password", "inactive", "no second factor"],
)
async def test_what_changes_the_account_voids_the_pending_login(
    client: Client, rows: Rows, change: dict[str, Any]
) -> None:
    rows(anna())
    await half_way(client)
    async with client.state["database"].writing() as session:
        found = await session.get_one(User, 1)
        for name, value in change.items():
            setattr(found, name, value)
    assert (await client.post(VERIFY, json={"user_id": 1, "token": code()})).json() == NOT_LOGGED_IN


async def test_a_pending_login_grows_old(client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    rows(anna())
    monkeypatch.setattr(pending_login, "LIFETIME", timedelta(seconds=-1))
    await half_way(client)
    assert (await client.post(VERIFY, json={"user_id": 1, "token": code()})).json() == NOT_LOGGED_IN


async def test_nothing_from_before_survives_in_the_cookie(client: Client, rows: Rows) -> None:
    rows(anna())
    planted = client.state["signer"].write({"session_token": "planted", "user_id": 9, "more": 1})
    client.cookies.set("mvidarr_session", planted, domain="music.example.org")
    await half_way(client)
    content = client.state["signer"].read(client.cookies["mvidarr_session"])
    assert {*content} == {
        "temp_user_id", "temp_login_time", "temp_login_proof", "temp_keeps_cookie", "temp_next",
    }  # fmt: skip
    assert SECRET not in str(content)
    await client.post(VERIFY, json={"user_id": 1, "token": code()})
    content = client.state["signer"].read(client.cookies["mvidarr_session"])
    assert {*content} == {"session_token", "user_id"}
    assert content["session_token"] != "planted"


async def test_both_steps_are_recorded(client: Client, rows: Rows) -> None:
    rows(anna())
    await half_way(client)
    await client.post(VERIFY, json={"user_id": 1, "token": wrong()})
    await client.post(VERIFY, json={"user_id": 1, "token": PLAIN[0]})
    async with client.state["database"].reading() as session:
        events = list(await session.scalars(select(AuditEvent).order_by(AuditEvent.id)))
        logins = list(await session.scalars(select(UserSession)))
    assert [event.event for event in events] == ["2fa_refused", "2fa_backup_code_used", "login"]
    assert [event.detail for event in events] == [None, {"left": 7}, {"factors": 2}]
    assert len(logins) == 1
