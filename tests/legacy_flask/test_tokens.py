"""Tokens of the legacy side: they hang on a login, count for a while, and are exchanged once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from fastapi_app.database import blocking_engine
from fastapi_app.models import AuditEvent, RefreshToken, SessionStatus, User, UserRole, UserSession, now
from legacy_flask import database
from legacy_flask.app import create_app
from legacy_flask.configuration import LegacySettings
from legacy_flask.refusals import Refusals
from tests.fastapi_app.test_mariadb import installed
from tests.legacy_flask.library import KEY, PASSWORD, Library, artist, statements, user
from tests.servers.mariadb import MariaDB, start_mariadb

GRANT = {"username": "anna", "password": PASSWORD, "grant_type": "password"}
REFUSED = {"error": "Authentication required", "code": "AUTH_REQUIRED", "login_url": "/simple-login"}
VECTORS = Path(__file__).parents[1] / "vectors"
BAD_TOKENS = [
    case for case in json.loads((VECTORS / "tokens.json").read_text("utf-8"))["cases"] if case["claims"] is None
]


def granted(client: FlaskClient) -> dict[str, Any]:
    """Tokens of a new login, whose cookie is thrown away."""
    answer = client.post("/auth/login", json=GRANT)
    assert answer.status_code == 200, answer.text
    client.delete_cookie("mvidarr_session")
    body: dict[str, Any] = answer.get_json()
    return body


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refresh(client: FlaskClient, token: str, agent: str = "a player") -> TestResponse:
    return client.post("/auth/refresh", json={"refresh_token": token}, headers={"User-Agent": agent})


def change(library: Library, model: type[Any], **values: Any) -> None:
    with library.writing() as session:
        session.execute(update(model).values(**values))


def events(library: Library) -> list[str]:
    with library.writing() as session:
        return [name for (name,) in session.query(AuditEvent.event).order_by(AuditEvent.id)]


@pytest.mark.parametrize("as_form", [False, True])
def test_a_token_opens_what_the_login_may(library: Library, as_form: bool) -> None:
    library.add(user("anna"), artist(1))
    library.close_gate()
    client = library.client()
    answer = client.post("/auth/login", data=GRANT) if as_form else client.post("/auth/login", json=GRANT)
    client.delete_cookie("mvidarr_session")
    told = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert (told["token_type"], told["expires_in"], told["user"]["username"]) == ("bearer", 7200, "anna")
    headers = bearer(told["access_token"])
    with statements(database.of(library.app).engine) as seen:
        assert client.get("/api/artists/1", headers=headers).status_code == 200
    assert sum("user_sessions" in statement for statement in seen) == 1
    me = client.get("/auth/me", headers=headers).get_json()
    assert (me["user"]["username"], me["via"]) == ("anna", "token")
    assert client.get("/auth/check", headers=headers).get_json()["user"]["username"] == "anna"
    assert client.get("/api/artists/1").status_code == 401


def test_a_login_without_the_grant_is_told_no_tokens(library: Library) -> None:
    library.add(user("anna"))
    answer = library.client().post("/auth/login", json={**GRANT, "grant_type": "x"})
    assert answer.get_json().keys() == {"success", "message", "user", "session"}


def test_bad_tokens_are_refused_alike_and_never_anonymous(library: Library) -> None:
    library.add(artist(1))
    client = library.client()
    for case in BAD_TOKENS:
        headers = {"Authorization": f"Bearer {case['token']}"}
        for path in ("/api/artists/1", "/auth/me", "/videos"):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.get_json()) == (401, REFUSED), case["name"]
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert client.get("/auth/check", headers=headers).get_json() == {"authenticated": False}
        assert client.get("/simple-login", headers=headers).status_code == 200
    assert events(library) == ["token_refused"]


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (UserSession, {"status": SessionStatus.REVOKED}),
        (UserSession, {"expires_at": now()}),
        (UserSession, {"user_id": 2}),
        (User, {"is_active": False}),
    ],
    ids=["revoked", "expired", "another's", "inactive user"],
)
def test_a_token_dies_with_what_it_hangs_on(library: Library, model: type[Any], values: dict[str, Any]) -> None:
    library.add(user("anna"), user("otto"))
    client = library.client()
    headers = bearer(granted(client)["access_token"])
    assert client.get("/auth/me", headers=headers).status_code == 200
    change(library, model, **values)
    assert client.get("/auth/me", headers=headers).status_code == 401


def test_a_header_decides_alone(library: Library) -> None:
    client = library.log_in(UserRole.USER)
    assert client.get("/auth/me").get_json()["via"] == "cookie"
    assert client.get("/auth/me", headers=bearer("x")).status_code == 401
    assert client.get("/auth/me", headers={"Authorization": "Basic cHJveHk6eA=="}).get_json()["via"] == "cookie"


def test_a_login_is_prolonged_by_tokens_and_never_shortened(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    headers = bearer(granted(client)["access_token"])
    until = library.one(UserSession, 1).expires_at
    assert until - now() > timedelta(days=6, hours=23)
    change(library, UserSession, last_activity=now() - timedelta(hours=1))
    assert client.get("/auth/me", headers=headers).status_code == 200
    row = library.one(UserSession, 1)
    assert row.expires_at == until
    assert now() - row.last_activity < timedelta(minutes=1)


def test_a_login_becomes_tokens_of_the_same_login(library: Library) -> None:
    client = library.log_in(UserRole.USER)
    told = client.post("/auth/token").get_json()
    assert told.keys() == {"success", "access_token", "refresh_token", "token_type", "expires_in"}
    assert library.client().post("/auth/token", headers=bearer(told["access_token"])).status_code == 403
    assert client.post("/auth/token", headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/auth/logout").status_code == 200
    assert client.get("/auth/me", headers=bearer(told["access_token"])).status_code == 401
    assert refresh(client, told["refresh_token"]).status_code == 401
    assert events(library) == ["login", "tokens_issued", "logout", "token_refused"]


def test_tokens_in_cookies(library: Library) -> None:
    client = library.log_in(UserRole.USER)
    answer = client.post("/auth/token", json={"cookie": True}, base_url="https://localhost")
    assert answer.get_json() == {"success": True, "token_type": "bearer", "expires_in": 7200}
    access, kept = (line for line in answer.headers.getlist("Set-Cookie") if "mvidarr_session" not in line)
    assert access.startswith("mvidarr_token=ey")
    assert access.endswith("; Max-Age=7200; Secure; HttpOnly; Path=/; SameSite=Lax")
    assert kept.endswith("; Max-Age=604800; Secure; HttpOnly; Path=/auth; SameSite=Lax")


def test_a_login_forgets_the_tokens_of_the_one_before(library: Library) -> None:
    library.add(user("anna"), user("otto"))
    client = library.client()
    client.post("/auth/login", json={"username": "anna", "password": PASSWORD})
    for _again in range(2):
        assert client.post("/auth/token", json={"cookie": True}).status_code == 200
    client.delete_cookie("mvidarr_session")
    assert client.post("/auth/token", json={"cookie": True}).status_code == 403
    assert client.get("/auth/me").get_json()["user"]["username"] == "anna"
    client.post("/auth/login", json={"username": "otto", "password": PASSWORD})
    me = client.get("/auth/me").get_json()
    assert (me["user"]["username"], me["via"]) == ("otto", "cookie")


def test_a_refresh_by_cookie_answers_in_cookies(library: Library) -> None:
    client = library.log_in(UserRole.USER)
    client.post("/auth/token", json={"cookie": True})
    client.delete_cookie("mvidarr_session")
    answer = client.get("/auth/me")
    assert (answer.get_json()["via"], answer.headers["Vary"]) == ("token", "Cookie")
    first = client.get_cookie("mvidarr_refresh", path="/auth")
    assert client.post("/auth/refresh").get_json() == {"success": True, "token_type": "bearer", "expires_in": 7200}
    assert client.get_cookie("mvidarr_refresh", path="/auth") != first
    assert client.post("/auth/refresh", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    removed = [line for line in client.post("/auth/logout").headers.getlist("Set-Cookie") if "Max-Age=0" in line]
    assert {line.partition("=")[0] for line in removed} >= {"mvidarr_token", "mvidarr_refresh"}
    assert client.get("/auth/me", headers={"Content-Type": "application/json"}).status_code == 401


def test_a_replay_ends_the_family(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    first = granted(client)
    second = refresh(client, first["refresh_token"]).get_json()
    assert refresh(client, first["refresh_token"]).status_code == 409
    assert library.one(UserSession, 1).status is SessionStatus.ACTIVE
    answer = refresh(client, first["refresh_token"], "a thief")
    assert (answer.status_code, answer.get_json()) == (401, REFUSED)
    assert library.one(UserSession, 1).status is SessionStatus.REVOKED
    assert client.get("/auth/me", headers=bearer(second["access_token"])).status_code == 401
    assert refresh(client, second["refresh_token"]).status_code == 401
    assert events(library) == ["login", "tokens_issued", "token_replayed", "token_refused"]


def test_a_replay_after_ten_seconds_ends_the_family_whoever_sends_it(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    first = granted(client)
    assert refresh(client, first["refresh_token"]).status_code == 200
    change(library, RefreshToken, used_at=now() - timedelta(seconds=11))
    assert refresh(client, first["refresh_token"]).status_code == 401
    assert library.one(UserSession, 1).status is SessionStatus.REVOKED


def at_once(library: Library, token: str) -> list[int]:
    """The statuses of six refreshes with one token, each on a thread of its own."""

    def once(_number: int) -> int:
        return refresh(library.client(), token).status_code

    with ThreadPoolExecutor(6) as threads:
        return sorted(threads.map(once, range(6)))


def test_of_refreshes_at_once_one_wins(library: Library) -> None:
    library.add(user("anna"))
    assert at_once(library, granted(library.client())["refresh_token"]) == [200, 409, 409, 409, 409, 409]


@pytest.mark.mariadb
@pytest.mark.long
def test_on_mariadb_too_one_of_several_refreshes_wins(tmp_path: Path) -> None:
    with start_mariadb(tmp_path / "mariadb") as server:
        assert isinstance(server, MariaDB)
        config = installed(server.create_database(f"test_{uuid4().hex}"), tmp_path)
        settings = LegacySettings(config.database_url, lambda: (KEY,), tmp_path, tmp_path)
        library = Library(create_app(settings), blocking_engine(config), tmp_path, settings)
        try:
            library.add(user("anna"))
            first = granted(library.client())["refresh_token"]
            assert at_once(library, first) == [200, 409, 409, 409, 409, 409]
            assert refresh(library.client(), first, "a thief").status_code == 401
            assert library.one(UserSession, 1).status is SessionStatus.REVOKED
        finally:
            database.of(library.app).close()
            library.engine.dispose()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 401),
        ({"refresh_token": None}, 401),
        ({"refresh_token": "x\0"}, 401),
        ({"refresh_token": 5}, 400),
        ({"refresh_token": "x", "cookie": 7}, 400),
        ([], 400),
        (None, 400),
    ],
    ids=str,
)
def test_refreshing_with_nothing_of_use(library: Library, body: object, status: int) -> None:
    answer = library.client().post("/auth/refresh", data=json.dumps(body), content_type="application/json")
    assert (answer.status_code, "error" in answer.get_json()) == (status, True)


def test_refusals_are_remembered_for_a_minute_and_not_for_ever() -> None:
    refusals, at = Refusals(most=3), now()
    assert refusals.is_new("e", "192.0.2.1", at)
    assert not refusals.is_new("e", "192.0.2.1", at + timedelta(seconds=59))
    assert refusals.is_new("e", "192.0.2.1", at + timedelta(seconds=60))
    assert refusals.is_new("f", "192.0.2.1", at)
    assert refusals.is_new("e", "2001:db8::1", at)
    assert not refusals.is_new("e", "2001:db8::ffff", at)
    for number in range(9):
        assert refusals.is_new("e", f"198.51.100.{number}", at)
    assert refusals.is_new("e", "", at)
    assert len(refusals._recorded) == 3


def test_status_says_whether_a_login_is_needed(library: Library) -> None:
    nobody = {"authenticated": False, "login_required": False, "via": "nobody", "user": None}
    assert library.client().get("/auth/status").get_json() == nobody
    assert library.client().get("/auth/status", headers=bearer("x")).get_json() == nobody
    library.close_gate()
    told = library.log_in(UserRole.USER).get("/auth/status").get_json()
    assert (told["authenticated"], told["login_required"], told["via"]) == (True, True, "cookie")


def test_an_open_gate_makes_nobody_somebody(library: Library) -> None:
    client = library.client()
    assert client.get("/auth/me", headers={"Content-Type": "application/json"}).status_code == 401
    answer = client.get("/auth/session")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/auth/login")


def test_the_present_login_shows_no_token(library: Library) -> None:
    client = library.log_in(UserRole.MANAGER)
    answer = client.get("/auth/session")
    told = answer.get_json()
    assert told["session"]["session_token"] == "********"
    assert (told["session"]["is_valid"], told["user"]["username"]) == (True, "manager")
    assert told["permissions"]["can_delete"] is True
    assert library.one(UserSession, 1).session_token not in answer.text
