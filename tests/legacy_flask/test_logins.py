"""Logging in, staying logged in, logging out."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fastapi_app.models import SessionStatus, User, UserRole, UserSession, now
from tests.legacy_flask.library import PASSWORD, Library, user

NAME = "mvidarr_session"


def log_in(
    client: FlaskClient, path: str = "/auth/login", name: str = "anna", password: str = PASSWORD
) -> TestResponse:
    return client.post(path, json={"username": name, "password": password})


def token(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        found: str = cookie["session_token"]
        return found


def test_both_doors_lead_to_one_account_and_differ_in_their_cookie(library: Library) -> None:
    library.add(user("anna"))
    simple, account = library.client(), library.client()
    kept, brief = log_in(simple, "/simple-login"), log_in(account)
    assert kept.json == {"message": "Login successful", "success": True}
    assert brief.json is not None
    assert brief.json["user"]["username"] == "anna"
    assert brief.json["session"] == {"token": token(account)}
    assert len(token(account)) == 43
    assert "Expires=" in kept.headers["Set-Cookie"]
    assert "Expires=" not in brief.headers["Set-Cookie"]
    for answer in (kept, brief):
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(answer.headers["Set-Cookie"].split("; "))
    assert "Set-Cookie" in simple.get("/api/health").headers
    assert "Set-Cookie" not in account.get("/api/health").headers


def test_the_cookie_is_secure_over_https(library: Library) -> None:
    library.add(user("anna"))
    answer = library.client().post(
        "/auth/login", json={"username": "anna@example.org", "password": PASSWORD}, base_url="https://music.example.org"
    )
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


def test_five_failures_lock_the_account(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    for _ in range(5):
        assert log_in(client, password="wrong").json == {"error": "Invalid username or password"}
    refused = log_in(client)
    assert refused.status_code == 401
    assert refused.json is not None
    assert refused.json["error"].startswith("Account is locked until ")
    with library.writing() as session:
        session.query(User).update({"locked_until": now() - timedelta(seconds=1)})
    assert log_in(client).status_code == 200


def test_a_success_forgets_the_failures_before_it(library: Library) -> None:
    library.add(user("anna", failed_login_attempts=4))
    assert log_in(library.client()).status_code == 200
    assert library.one(User, 1).failed_login_attempts == 0


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"is_active": False}, "Account is inactive"),
        ({"password_hash": "unknown$format"}, "Invalid username or password"),
    ],
)
def test_accounts_that_never_log_in(library: Library, columns: dict[str, Any], reason: str) -> None:
    library.add(user("anna", **columns))
    assert log_in(library.client()).json == {"error": reason}


def test_a_login_replaces_the_one_before_it(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    log_in(client)
    first = token(client)
    log_in(client)
    assert token(client) != first
    with library.writing() as session:
        rows = {row.session_token: row.status for row in session.query(UserSession)}
    assert rows == {first: SessionStatus.REVOKED, token(client): SessionStatus.ACTIVE}


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/dynamic-logout"])
def test_logging_out_revokes_the_row_and_empties_the_cookie(library: Library, path: str) -> None:
    library.add(user("anna"))
    client = library.client()
    log_in(client)
    answer = client.post(path, json={})
    assert answer.json == {"message": "Logged out successfully", "success": True}
    assert answer.headers["Set-Cookie"].startswith(f"{NAME}=; Expires=Thu, 01 Jan 1970")
    assert library.one(UserSession, 1).status is SessionStatus.REVOKED
    assert client.get("/auth/check").json == {"authenticated": False}


def test_logging_out_by_a_link(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    log_in(client)
    assert client.head("/auth/dynamic-logout").status_code == 302
    assert library.one(UserSession, 1).status is SessionStatus.ACTIVE
    log_in(client)
    assert client.get("/auth/dynamic-logout").headers["Location"] == "/simple-login"
    assert library.one(UserSession, 2).status is SessionStatus.REVOKED


def test_who_is_not_logged_in_is_not_logged_out(library: Library) -> None:
    client = library.client()
    assert client.post("/auth/logout").headers["Location"] == "/auth/login"
    assert client.post("/auth/logout", json={}).json == {"code": "AUTH_REQUIRED", "error": "Authentication required"}


@pytest.mark.parametrize(
    "change",
    [
        {"status": SessionStatus.REVOKED},
        {"expires_at": now() - timedelta(seconds=1)},
        {"session_token": "X" * 43},
    ],
)
def test_a_dead_row_proves_nothing(library: Library, change: dict[Any, Any]) -> None:
    library.add(user("anna"))
    client = library.client()
    log_in(client)
    with library.writing() as session:
        session.query(UserSession).update(change)
    assert client.get("/auth/check").json == {"authenticated": False}


def test_a_token_in_another_case_is_another_token(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    log_in(client)
    with library.writing() as session:
        session.query(UserSession).update({"session_token": token(client).swapcase()})
    assert client.get("/auth/check").json == {"authenticated": False}


def test_a_user_who_was_switched_off_is_logged_out(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    log_in(client)
    with library.writing() as session:
        session.query(User).update({"is_active": False})
    assert client.get("/auth/check").json == {"authenticated": False}


def test_activity_prolongs_a_login_once_a_minute(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    log_in(client)
    began = library.one(UserSession, 1).last_activity
    client.get("/auth/check")
    assert library.one(UserSession, 1).last_activity == began
    earlier = began - timedelta(minutes=1)
    with library.writing() as session:
        session.query(UserSession).update({"last_activity": earlier, "expires_at": earlier + timedelta(hours=1)})
    client.get("/auth/check")
    row = library.one(UserSession, 1)
    assert row.last_activity >= began
    assert row.expires_at - row.last_activity == timedelta(hours=24)


def test_a_form_leads_onward_or_back(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    form = {"username": "anna", "password": PASSWORD}
    wrong = client.post("/simple-login?next=/videos", data={**form, "password": "x"})
    assert wrong.headers["Location"] == "/simple-login?error=Invalid+username+or+password"
    assert client.post("/simple-login?next=/videos", data=form).headers["Location"] == "/videos"
    assert client.post("/simple-login?next=//evil.example", data=form).headers["Location"] == "/"
    assert client.get("/auth/login?next=/videos%3Fq=1").headers["Location"] == "/videos?q=1"


def test_the_form_shows_what_it_is_told_and_runs_none_of_it(library: Library) -> None:
    page = library.client().get("/simple-login?error=<script>alert(1)</script>&next=/videos").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert 'action="/simple-login?next=/videos"' in page


def test_a_role_that_means_nothing_reaches_nothing(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    log_in(client)
    with library.writing() as session:
        session.connection().exec_driver_sql("UPDATE users SET role = 'OWNER'")
    library.close_gate()
    assert client.get("/api/videos/").status_code == 403
    assert client.get("/auth/check").json["user"]["role"] is None  # type: ignore[index]


def test_every_role_is_told_its_rights(library: Library) -> None:
    rights = {
        role: library.log_in(role).get("/auth/check").json["user"]  # type: ignore[index]
        for role in UserRole
    }
    told = {role: (user["can_modify"], user["can_delete"], user["can_admin"]) for role, user in rights.items()}
    assert told == {
        UserRole.ADMIN: (True, True, True),
        UserRole.MANAGER: (True, True, False),
        UserRole.USER: (True, False, False),
        UserRole.READONLY: (False, False, False),
    }
