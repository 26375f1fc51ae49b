"""The second factor on the legacy side: nothing counts before it is proved, and nobody guesses."""

from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient

from fastapi_app.models import User, UserRole
from tests.legacy_flask.library import PASSWORD, Library, user


@pytest.fixture
def anna(library: Library) -> FlaskClient:
    library.add(user("anna", id=1), user("boss", UserRole.ADMIN, id=2))
    client = library.client()
    assert client.post("/auth/login", json={"username": "anna", "password": PASSWORD}).status_code == 200
    return client


def code_of(secret: str, ahead: int = 0) -> str:
    totp = pyotp.TOTP(secret)
    return totp.generate_otp(totp.timecode(datetime.now(UTC)) + ahead)


def enabled(client: FlaskClient) -> Any:
    answer: Any = client.post("/2fa/api/setup").json
    data = answer["setup_data"]
    done = client.post("/2fa/api/verify-setup", json={"token": code_of(data["manual_entry_key"])})
    assert done.json == {"success": True, "message": "2FA has been enabled successfully"}
    return data


def status(client: FlaskClient) -> Any:
    answer: Any = client.get("/2fa/api/status").json
    return answer["status"]


def test_a_secret_counts_once_a_code_proved_it(library: Library, anna: FlaskClient) -> None:
    first: Any = anna.post("/2fa/api/setup").json
    assert first["setup_data"]["qr_code"].startswith("data:image/png;base64,")
    assert status(anna)["setup_pending"] is True
    wrong = anna.post("/2fa/api/verify-setup", json={"token": "000000"})
    assert (wrong.status_code, wrong.json) == (400, {"error": "Invalid verification code"})
    data = enabled(anna)
    assert status(anna) == {
        "enabled": True,
        "secret_configured": True,
        "backup_codes_count": 8,
        "setup_pending": False,
    }
    assert not set(data["backup_codes"]) & set(library.one(User, 1).backup_codes)
    assert anna.post("/2fa/api/setup").json == {"error": "2FA is already enabled"}


@pytest.mark.parametrize("path", ["/2fa/api/disable", "/2fa/api/regenerate-codes"])
def test_an_open_browser_is_not_enough(anna: FlaskClient, path: str) -> None:
    data = enabled(anna)
    assert anna.post(path, json={}).json == {"error": "Password or verification code is required"}
    assert anna.post(path, json={"password": "wrong"}).json == {"error": "The password is wrong"}
    fresh = {"token": code_of(data["manual_entry_key"], ahead=1)}
    assert anna.post(path, json=fresh).status_code == 200
    assert anna.post(path, json=fresh).status_code == 400, "a code counts once"


def test_five_failures_end_the_guessing(anna: FlaskClient) -> None:
    enabled(anna)
    answers = [anna.post("/2fa/api/disable", json={"password": "wrong"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert anna.post("/2fa/api/disable", json={"password": PASSWORD}).status_code == 429


def test_an_administrator_helps_who_lost_the_phone(library: Library, anna: FlaskClient) -> None:
    enabled(anna)
    assert anna.post("/2fa/admin/users/1/disable").status_code == 403
    boss = library.log_in(UserRole.ADMIN)
    told: Any = boss.get("/2fa/admin/users/1/status").json
    assert (told["user"]["username"], told["status"]["enabled"]) == ("anna", True)
    codes: Any = boss.post("/2fa/admin/users/1/regenerate-codes").json
    assert len(codes["backup_codes"]) == 8
    assert boss.post("/2fa/admin/users/1/disable").status_code == 200
    assert boss.post("/2fa/admin/users/1/disable").json == {"error": "2FA is not enabled"}
    assert (library.one(User, 1).two_factor_secret, library.one(User, 1).backup_codes) == (None, None)


def test_the_page_leads_through_the_setup(anna: FlaskClient) -> None:
    page = anna.post("/2fa/setup", data={"action": "prepare"}).text
    secret = page.split('<code class="secret">')[1].split("<")[0]
    wrong = anna.post("/2fa/setup", data={"action": "enable", "token": "000000"})
    assert (wrong.status_code, "Invalid verification code" in wrong.text) == (400, True)
    done = anna.post("/2fa/setup", data={"action": "enable", "token": code_of(secret)})
    assert done.headers["Location"] == "/2fa/setup?done=enable"
    codes = anna.post("/2fa/setup", data={"action": "renew_codes", "password": PASSWORD})
    assert codes.text.count('<code class="secret">') == 8
    assert anna.post("/2fa/setup", data={"action": "disable", "password": PASSWORD}).status_code == 302
