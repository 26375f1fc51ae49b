"""The second step of a login."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient

from fastapi_app.models import AuditEvent, User
from legacy_flask import pending as pending_login
from legacy_flask.second_factor_rules import new_backup_codes
from tests.legacy_flask.library import PASSWORD, Library, user

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
VERIFY = "/2fa/api/verify-login"
NOT_LOGGED_IN = {"code": "AUTH_REQUIRED", "error": "Authentication required"}
PLAIN, STORED = new_backup_codes()


def anna(**columns: Any) -> User:
    given = {"two_factor_enabled": True, "two_factor_secret": SECRET, "backup_codes": STORED}
    return user("anna", **{**given, **columns})


def code() -> str:
    return pyotp.TOTP(SECRET).now()


def wrong() -> str:
    right = {pyotp.TOTP(SECRET).at(int(time.time()) + 30 * step) for step in (-2, -1, 0, 1, 2)}
    return next(text for text in map("{:06}".format, range(6)) if text not in right)


def half_way(client: FlaskClient, door: str = "/auth/login") -> None:
    answer = client.post(door, json={"username": "anna", "password": PASSWORD})
    message = "Two-factor authentication required"
    assert answer.json == {"success": False, "requires_2fa": True, "message": message, "user_id": 1}


def verify(client: FlaskClient, text: str, user_id: int = 1) -> Any:
    return client.post(VERIFY, json={"user_id": user_id, "token": text})


def is_logged_in(client: FlaskClient) -> bool:
    return client.get("/auth/check").json != {"authenticated": False}


def test_a_password_alone_opens_nothing(library: Library) -> None:
    library.add(anna())
    client = library.client()
    half_way(client)
    assert not is_logged_in(client)
    body = verify(client, code()).json
    assert len(body.pop("session_token")) == 43
    assert body == {"success": True, "message": "Login successful", "redirect_url": "/"}
    assert is_logged_in(client)


@pytest.mark.parametrize(("door", "keeps"), [("/auth/login", False), ("/simple-login", True)])
def test_a_form_asks_on_a_page_and_leads_on(library: Library, door: str, keeps: bool) -> None:
    library.add(anna())
    client = library.client()
    answer = client.post(f"{door}?next=/videos%3Fq=1", data={"username": "anna", "password": PASSWORD})
    assert answer.headers["Location"] == "/2fa/verify"
    page = client.get("/2fa/verify").text
    assert "<title>Verification - MVidarr</title>" in page
    assert f'action="{VERIFY}"' in page
    back = client.post(VERIFY, data={"token": wrong()}).headers["Location"]
    assert back == "/2fa/verify?error=Invalid+verification+code"
    assert "Invalid verification code" in client.get(back).text
    answer = client.post(VERIFY, data={"token": code()})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/videos?q=1")
    assert ("Expires=" in answer.headers["Set-Cookie"]) is keeps
    assert is_logged_in(client)


def test_without_a_pending_login_no_code_counts(library: Library) -> None:
    library.add(anna())
    client = library.client()
    answer = verify(client, code())
    assert (answer.status_code, answer.json) == (401, NOT_LOGGED_IN)
    assert client.get("/2fa/verify").headers["Location"] == "/auth/login"
    assert client.post(VERIFY, data={"token": code()}).headers["Location"] == "/auth/login"
    half_way(client)
    assert verify(client, code(), user_id=2).json == NOT_LOGGED_IN


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "User ID and verification token are required"),
        ({"user_id": 3}, "User ID and verification token are required"),
        ({"user_id": "x", "token": "1"}, "user_id must be a whole number"),
        ({"user_id": 1, "token": 123456}, "token must be text"),
        ([], "The body must be a JSON object"),
    ],
    ids=str,
)
def test_bodies_that_say_nothing(library: Library, body: Any, error: str) -> None:
    answer = library.client().post(VERIFY, json=body)
    assert (answer.status_code, answer.json) == (400, {"error": error})


def test_a_code_counts_once(library: Library) -> None:
    library.add(anna())
    client, used = library.client(), code()
    for text in (used, PLAIN[2].lower()):
        for status in (200, 401):
            half_way(client)
            assert verify(client, text).status_code == status
    assert library.one(User, 1).backup_codes == STORED[:2] + STORED[3:]


def test_two_at_once_with_one_code(library: Library) -> None:
    library.add(anna())
    clients = [library.client() for _ in range(4)]
    for client in clients:
        half_way(client)
    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(lambda client: verify(client, PLAIN[0]).status_code, clients))
    assert sorted(statuses) == [200, 401, 401, 401]


def test_five_wrong_codes_end_the_pending_login(library: Library) -> None:
    library.add(anna())
    client = library.client()
    half_way(client)
    assert [verify(client, wrong()).status_code for _ in range(6)] == [401, 401, 401, 401, 429, 401]
    half_way(client)
    answer = verify(client, code())
    assert (answer.status_code, 200 <= int(answer.headers["Retry-After"]) <= 300) == (429, True)


@pytest.mark.parametrize(
    "change", [{"password_hash": "other"}, {"is_active": False}, {"two_factor_enabled": False}], ids=str
)
def test_what_changes_the_account_voids_the_pending_login(library: Library, change: dict[Any, Any]) -> None:
    library.add(anna())
    client = library.client()
    half_way(client)
    with library.writing() as session:
        session.query(User).update(change)
    assert verify(client, code()).json == NOT_LOGGED_IN


def test_a_pending_login_grows_old(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.add(anna())
    client = library.client()
    monkeypatch.setattr(pending_login, "LIFETIME", timedelta(seconds=-1))
    half_way(client)
    assert verify(client, code()).json == NOT_LOGGED_IN


def test_nothing_from_before_survives_in_the_cookie(library: Library) -> None:
    library.add(anna())
    client = library.client()
    with client.session_transaction() as cookie:
        cookie.update(session_token="planted", user_id=9, more=1)
    half_way(client)
    with client.session_transaction() as cookie:
        assert {key.partition("_")[0] for key in cookie} == {"temp"}
    verify(client, code())
    with client.session_transaction() as cookie:
        assert {*cookie} == {"session_token", "user_id"}
        assert cookie["session_token"] != "planted"
    with library.writing() as session:
        events = [(event.event, event.detail) for event in session.query(AuditEvent).order_by(AuditEvent.id)]
    assert events == [("login", {"factors": 2})]
