"""Changing and resetting passwords, and 0.9's single account."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from fastapi_app.models import AuditEvent, Setting, User, UserRole, UserSession, now
from legacy_flask.passwords import verify_password
from legacy_flask.single_account import MOVED
from tests.legacy_flask.library import PASSWORD, Library, user

NEW = "Another-Horse2!"
CHANGE, RESET = "/auth/change-password", "/auth/reset-password"
INVALID = {"error": "The reset code is not valid, or it is too old"}
REFUSED = {"error": "Invalid username or password"}


def sha256(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def add_single_account(library: Library, name: str = "boss", password: str = "hunter-two") -> None:
    library.add(Setting(key="simple_auth_username", value=name))
    library.add(Setting(key="simple_auth_password", value=sha256(password)))


def setting(library: Library) -> str:
    with Session(library.engine) as session:
        return str(session.query(Setting.value).filter_by(key="simple_auth_password").scalar())


def log_in(client: FlaskClient, name: str, password: str, door: str = "/simple-login") -> Any:
    return client.post(door, json={"username": name, "password": password})


def statuses(library: Library) -> list[str]:
    with Session(library.engine) as session:
        return [row.status.value for row in session.query(UserSession).order_by(UserSession.id)]


@pytest.mark.parametrize("door", ["/auth/login", "/simple-login"])
def test_the_single_account_becomes_an_administrator(library: Library, door: str) -> None:
    add_single_account(library)
    client = library.client()
    assert log_in(client, "boss", "wrong", door).json == REFUSED
    assert log_in(client, "böss", "hunter-two", door).json == REFUSED
    assert log_in(client, "boss", "hunter-two", door).status_code == 200
    made = library.one(User, 1)
    assert (made.username, made.email, made.role) == ("boss", "boss@mvidarr.local", UserRole.ADMIN)
    assert made.password_hash.startswith("$2b$")
    assert setting(library) == MOVED
    assert log_in(client, "boss", "hunter-two", door).status_code == 200


@pytest.mark.parametrize(
    ("columns", "answer"),
    [
        ({"role": UserRole.MANAGER}, REFUSED),
        ({"two_factor_enabled": True}, REFUSED),
        ({"is_active": False}, {"error": "Account is inactive"}),
    ],
    ids=str,
)
def test_it_is_nobody_else(library: Library, columns: dict[str, Any], answer: object) -> None:
    library.add(user("boss", **{"role": UserRole.ADMIN, **columns}))
    add_single_account(library)
    assert log_in(library.client(), "boss", "hunter-two").json == answer
    assert setting(library) == sha256("hunter-two")


def test_its_password_replaces_that_of_the_administrator_of_its_name(library: Library) -> None:
    library.add(user("Boss", UserRole.ADMIN))
    add_single_account(library)
    assert log_in(library.client(), "boss", "hunter-two").status_code == 200
    assert verify_password("hunter-two", library.one(User, 1).password_hash)


@pytest.mark.parametrize("name", ["admin", "boss"])
def test_a_published_password_never_logs_in(library: Library, name: str) -> None:
    add_single_account(library, name, "mvidarr")
    assert log_in(library.client(), name, "mvidarr").json == REFUSED
    assert library.count(User) == 0


def test_an_unsalted_hash_of_a_user_is_replaced(library: Library) -> None:
    library.add(user("anna", password_hash=sha256("hunter-two")))
    assert log_in(library.client(), "anna", "hunter-two").status_code == 200
    assert library.one(User, 1).password_hash.startswith("$2b$")


def test_a_change_ends_the_other_logins_and_keeps_this_one(library: Library) -> None:
    client = library.log_in(UserRole.USER)
    library.log_in(UserRole.USER)
    answer = client.post(CHANGE, json={"current_password": PASSWORD, "new_password": NEW})
    assert answer.json == {"success": True, "message": "Password changed successfully"}
    assert statuses(library) == ["ACTIVE", "REVOKED"]
    assert log_in(library.client(), "user", NEW).status_code == 200
    assert log_in(library.client(), "user", PASSWORD).json == REFUSED


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Current password and new password are required"),
        ({"current_password": "wrong", "new_password": "short"}, "New password must be at least 8 characters long"),
        ({"current_password": "wrong", "new_password": "longenough1"}, "Current password is incorrect"),
        ({"current_password": PASSWORD, "new_password": NEW + "x" * 72}, "New password must be at most 72 bytes long"),
        ({"current_password": 5, "new_password": NEW}, "current_password must be text"),
        ([], "The body must be a JSON object"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_change_that_is_refused(library: Library, body: Any, error: str) -> None:
    answer = library.log_in(UserRole.USER).post(CHANGE, json=body)
    assert (answer.status_code, answer.json) == (400, {"error": error})


def test_guessing_the_present_password_is_stopped(library: Library) -> None:
    client = library.log_in(UserRole.USER)
    wrong = {"current_password": "wrong", "new_password": NEW}
    assert {client.post(CHANGE, json=wrong).status_code for _ in range(5)} == {400}
    answer = client.post(CHANGE, json={**wrong, "current_password": PASSWORD})
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)


def test_nobody_changes_a_password_through_the_open_gate(library: Library) -> None:
    answer = library.client().post(CHANGE, json={"current_password": "x", "new_password": "y"})
    assert answer.status_code == 401


def test_an_administrator_changes_name_and_password(library: Library) -> None:
    client = library.log_in(UserRole.ADMIN)
    library.add(user("Ännä"))
    add_single_account(library, "admin")
    assert client.get("/auth/credentials").json == {"username": "admin", "has_credentials": True}
    taken = client.post("/auth/credentials", json={"username": "anna", "password": NEW})
    assert (taken.status_code, taken.json) == (409, {"error": "Username already exists"})
    assert client.post("/auth/credentials", json={}).json == {"error": "No data provided"}
    short = client.post("/auth/credentials", json={"username": "ab", "password": NEW})
    assert short.json == {"error": "Username must be at least 3 characters long"}
    assert client.post("/auth/credentials", json={"username": "chief", "password": NEW}).status_code == 200
    assert setting(library) == MOVED
    body = client.post("/auth/credentials/reset").json
    assert body is not None
    assert (body["username"], len(body["password"])) == ("chief", 20)
    assert log_in(library.client(), "chief", body["password"]).status_code == 200


def test_a_reset_code_works_once(library: Library) -> None:
    admin = library.log_in(UserRole.ADMIN)
    library.add(user("anna", failed_login_attempts=3, locked_until=now() + timedelta(minutes=9)))
    made = admin.post("/api/api/users/2/reset-password").json
    assert made is not None
    code = made["reset_token"]
    assert made["reset_url"] == f"http://localhost/auth/reset-password#{code}"
    assert code not in str(vars(library.one(User, 2)))
    client = library.client()
    assert client.post(RESET, json={"token": "nothing", "new_password": NEW}).json == INVALID
    assert client.post(RESET, json={"token": code, "new_password": "weak"}).status_code == 400
    back = client.post(RESET, data={"token": code, "new_password": "weak"})
    assert back.headers["Location"].startswith(f"{RESET}?error=New+password+must+be")
    done = client.post(RESET, data={"token": f" {code} ", "new_password": NEW})
    assert (done.status_code, done.headers["Location"]) == (302, "/auth/login")
    assert log_in(client, "anna", NEW).status_code == 200
    assert client.post(RESET, json={"token": code, "new_password": NEW}).json == INVALID
    page = client.get(f"{RESET}?token={code}").text
    assert "<title>New password - MVidarr</title>" in page
    assert code not in page
    with library.writing() as session:
        events = {row.event for row in session.query(AuditEvent)}
    assert {"password_reset_asked", "password_reset", "password_change_refused"} <= events


def test_guessing_reset_codes_is_stopped(library: Library) -> None:
    client = library.client()
    answers = [client.post(RESET, json={"token": f"x{n}", "new_password": NEW}).status_code for n in range(11)]
    assert answers == [400] * 10 + [429]


def test_only_administrators_reset_others(library: Library) -> None:
    library.close_gate()
    manager = library.log_in(UserRole.MANAGER)
    for path in ("/api/api/users/1/reset-password", "/auth/credentials", "/auth/credentials/reset"):
        assert library.client().post(path, json={}).status_code == 401
        assert manager.post(path, json={}).status_code == 403
    assert library.log_in(UserRole.ADMIN).post("/api/api/users/99/reset-password").status_code == 404
