"""The second factor: nothing counts before it is proved, secrets are shown once, and nobody guesses."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pyotp
import pytest
from sqlalchemy import select

from fastapi_app.models import AuditEvent, User, UserRole
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import PASSWORD, log_in, user
from tests.fastapi_app.stored import one

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


@pytest.fixture
async def anna(client: Client, rows: Rows) -> Client:
    rows(user(1, "anna"), user(2, "boss", UserRole.ADMIN))
    await log_in(client)
    return client


async def prepared(client: Client) -> dict[str, Any]:
    answer = await client.post("/2fa/api/setup")
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["setup_data"]
    return data


async def enabled(client: Client) -> dict[str, Any]:
    """What the setup told, and under `used` the code that proved it: a moment later the clock may show another."""
    data = await prepared(client)
    used = code_of(data)
    answer = await client.post("/2fa/api/verify-setup", json={"token": used})
    assert answer.json() == {"success": True, "message": "2FA has been enabled successfully"}
    return {**data, "used": used}


def code_of(data: dict[str, Any], ahead: int = 0) -> str:
    totp = pyotp.TOTP(data["manual_entry_key"])
    return totp.generate_otp(totp.timecode(datetime.now(UTC)) + ahead)


async def status(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/2fa/api/status")).json()["status"]
    return found


async def events(client: Client) -> list[tuple[str, str]]:
    async with client.state["database"].reading() as session:
        rows = await session.execute(select(AuditEvent.event, AuditEvent.outcome).order_by(AuditEvent.id))
        return [(row.event, row.outcome) for row in rows if row.event != "login"]


async def refused(answer: httpx2.Response, status: int, error: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_a_secret_counts_once_a_code_proved_it(anna: Client) -> None:
    assert await status(anna) == {
        "enabled": False,
        "secret_configured": False,
        "backup_codes_count": 0,
        "setup_pending": False,
    }
    data = await prepared(anna)
    assert data["qr_code"].startswith("data:image/png;base64,")
    assert base64.b64decode(data["qr_code"].partition(",")[2])[:4] == b"\x89PNG"
    assert (len(data["manual_entry_key"]), len(set(data["backup_codes"]))) == (32, 8)
    found = await status(anna)
    assert (found["enabled"], found["setup_pending"], found["backup_codes_count"]) == (False, True, 8)
    await refused(await anna.post("/2fa/api/verify-setup", json={"token": "000000"}), 400, "Invalid verification code")
    await anna.post("/2fa/api/verify-setup", json={"token": code_of(data)})
    assert (await status(anna))["enabled"] is True
    assert await events(anna) == [("2fa_prepared", "success"), ("2fa_refused", "failure"), ("2fa_enabled", "success")]


async def test_nothing_that_is_stored_or_told_later_shows_the_codes(anna: Client) -> None:
    data = await enabled(anna)
    stored = await one(anna, User, 1)
    assert not set(data["backup_codes"]) & set(stored.backup_codes)
    for path in ("/2fa/api/status", "/2fa/setup", "/profile", "/api/api/users/me", "/api/api/users/1"):
        page = (await anna.get(path)).text
        assert data["manual_entry_key"] not in page, path
        assert data["backup_codes"][0] not in page, path
    async with anna.state["database"].reading() as session:
        told = [event.detail for event in await session.scalars(select(AuditEvent))]
    assert data["manual_entry_key"] not in str(told)


async def test_beginning_again_makes_the_first_secret_void(anna: Client) -> None:
    first, second = await prepared(anna), await prepared(anna)
    await refused(
        await anna.post("/2fa/api/verify-setup", json={"token": code_of(first)}), 400, "Invalid verification code"
    )
    assert (await anna.post("/2fa/api/verify-setup", json={"token": code_of(second)})).status_code == 200
    await refused(await anna.post("/2fa/api/setup"), 400, "2FA is already enabled")
    again = await anna.post("/2fa/api/verify-setup", json={"token": code_of(second)})
    await refused(again, 400, "2FA is already enabled")


async def test_without_a_setup_there_is_nothing_to_verify_or_to_end(anna: Client) -> None:
    await refused(await anna.post("/2fa/api/verify-setup", json={"token": "123456"}), 400, "No 2FA setup is pending")
    proof = {"password": PASSWORD}
    for path in ("/2fa/api/disable", "/2fa/api/regenerate-codes"):
        await refused(await anna.post(path, json=proof), 400, "2FA is not enabled")


@pytest.mark.parametrize("path", ["/2fa/api/disable", "/2fa/api/regenerate-codes"])
async def test_an_open_browser_is_not_enough(anna: Client, path: str) -> None:
    data = await enabled(anna)
    await refused(await anna.post(path, json={}), 400, "Password or verification code is required")
    await refused(await anna.post(path, json={"password": "wrong"}), 400, "The password is wrong")
    await refused(await anna.post(path, json={"token": data["used"]}), 400, "Invalid verification code")
    assert (await status(anna))["enabled"] is True
    assert (await anna.post(path, json={"password": PASSWORD})).status_code == 200


async def test_a_code_serves_in_place_of_the_password_and_once(anna: Client) -> None:
    data = await enabled(anna)
    fresh = {"token": code_of(data, ahead=1)}
    first = (await anna.post("/2fa/api/regenerate-codes", json=fresh)).json()
    assert len(first["backup_codes"]) == 8
    assert not set(first["backup_codes"]) & set(data["backup_codes"])
    await refused(await anna.post("/2fa/api/disable", json=fresh), 400, "Invalid verification code")


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"token": "000000"}])
async def test_five_failures_end_the_guessing(anna: Client, wrong: dict[str, str]) -> None:
    await enabled(anna)
    answers = [await anna.post("/2fa/api/disable", json=wrong) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert int(answers[5].headers["retry-after"]) > 0
    assert (await anna.post("/2fa/api/disable", json={"password": PASSWORD})).status_code == 429


async def test_the_first_code_can_not_be_guessed_either(anna: Client) -> None:
    data = await prepared(anna)
    answers = [await anna.post("/2fa/api/verify-setup", json={"token": "000000"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert (await anna.post("/2fa/api/verify-setup", json={"token": code_of(data)})).status_code == 429


@pytest.mark.parametrize("body", [None, [], {"token": 5}, {"token": "\0"}, {}, {"token": ""}, {"token": None}])
async def test_odd_bodies_are_refused(anna: Client, body: object) -> None:
    await prepared(anna)
    assert (await anna.post("/2fa/api/verify-setup", **as_json(body))).status_code == 400
    assert (await anna.post("/2fa/api/verify-setup", content=b"{}")).status_code == 415


async def test_an_administrator_helps_who_lost_the_phone(anna: Client) -> None:
    await enabled(anna)
    assert (await anna.post("/2fa/admin/users/1/disable")).status_code == 403
    anna.cookies.clear()
    await log_in(anna, "boss")
    told = (await anna.get("/2fa/admin/users/1/status")).json()
    assert told["user"] == {"id": 1, "username": "anna", "email": "anna@example.org", "role": "USER"}
    assert told["status"]["enabled"] is True
    assert len((await anna.post("/2fa/admin/users/1/regenerate-codes")).json()["backup_codes"]) == 8
    assert (await anna.post("/2fa/admin/users/1/disable")).json()["success"] is True
    await refused(await anna.post("/2fa/admin/users/1/disable"), 400, "2FA is not enabled")
    stored = await one(anna, User, 1)
    assert (stored.two_factor_secret, stored.backup_codes, stored.two_factor_enabled) == (None, None, False)
    for method, path in (("GET", "status"), ("POST", "disable"), ("POST", "regenerate-codes")):
        await refused(await anna.request(method, f"/2fa/admin/users/999/{path}"), 404, "User not found")


async def test_the_page_leads_through_the_setup(anna: Client) -> None:
    assert "Begin" in (await anna.get("/2fa/setup")).text
    page = await anna.post("/2fa/setup", data={"action": "prepare"})
    assert page.headers["cache-control"] == "no-store"
    assert 'src="data:image/png;base64,' in page.text
    secret = page.text.split('<code class="secret">')[1].split("<")[0]
    wrong = await anna.post("/2fa/setup", data={"action": "enable", "token": "000000"})
    assert (wrong.status_code, "Invalid verification code" in wrong.text, secret in wrong.text) == (400, True, False)
    done = await anna.post("/2fa/setup", data={"action": "enable", "token": code_of({"manual_entry_key": secret})})
    assert (done.status_code, done.headers["location"]) == (302, "/2fa/setup?done=enable")
    assert "The second factor is on" in (await anna.get("/2fa/setup?done=enable")).text
    codes = await anna.post("/2fa/setup", data={"action": "renew_codes", "password": PASSWORD})
    assert codes.text.count('<code class="secret">') == 8
    off = await anna.post("/2fa/setup", data={"action": "disable", "password": PASSWORD})
    assert off.headers["location"] == "/2fa/setup?done=disable"
    assert (await anna.post("/2fa/setup", data={"action": "x"})).status_code == 400
