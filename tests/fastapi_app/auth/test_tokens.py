"""Tokens: they hang on a login, count for a while, and are exchanged once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import Request
from sqlalchemy import select, update

from fastapi_app.auth.cookies import BrowserSession
from fastapi_app.auth.requirement import current_visitor
from fastapi_app.auth.visitor import ANONYMOUS, Visitor
from fastapi_app.errors import CredentialRefused
from fastapi_app.models import (
    AuditEvent,
    SessionStatus,
    Setting,
    User,
    UserRole,
    UserSession,
    now,
)
from tests.fastapi_app.conftest import BASE, VECTORS, Client
from tests.fastapi_app.library import PASSWORD, artist, log_in, user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

GRANT = {"username": "anna", "password": PASSWORD, "grant_type": "password"}
REFUSED = {"error": "Authentication required", "code": "AUTH_REQUIRED", "login_url": "/simple-login"}
BAD_TOKENS = [
    case for case in json.loads((VECTORS / "tokens.json").read_text("utf-8"))["cases"] if case["claims"] is None
]


def sent(values: dict[str, str], *, as_form: bool) -> dict[str, Any]:
    return {"data": values} if as_form else {"json": values}


async def granted(client: Client, **more: str) -> dict[str, Any]:
    """Tokens of a new login, whose cookie is thrown away."""
    answer = await client.post("/auth/login", json={**GRANT, **more})
    assert answer.status_code == 200, answer.text
    client.cookies.clear()
    body: dict[str, Any] = answer.json()
    return body


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def refresh(client: Client, token: str) -> httpx2.Response:
    return await client.post("/auth/refresh", json={"refresh_token": token})


async def login_row(client: Client) -> UserSession:
    async with client.state["database"].reading() as session:
        found = await session.scalar(select(UserSession).order_by(UserSession.id.desc()))
        assert isinstance(found, UserSession)
        return found


async def change(client: Client, model: type[Any], **values: Any) -> None:
    async with client.state["database"].writing() as session:
        await session.execute(update(model).values(**values))


async def events(client: Client) -> list[str]:
    async with client.state["database"].reading() as session:
        return list(await session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))


async def test_a_login_without_the_grant_is_told_no_tokens(client: Client, rows: Rows) -> None:
    rows(user())
    answer = await client.post("/auth/login", json={**GRANT, "grant_type": "x"})
    assert answer.json().keys() == {"success", "message", "user", "session"}


@pytest.mark.parametrize("as_form", [False, True])
async def test_a_token_opens_what_the_login_may(client: Client, rows: Rows, as_form: bool) -> None:
    rows(user(), artist())
    answer = await client.post("/auth/login", **sent(GRANT, as_form=as_form))
    client.cookies.clear()
    told = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (told["token_type"], told["expires_in"], told["user"]["username"]) == ("bearer", 7200, "anna")
    client.queries.clear()
    found = await client.get("/api/artists/1", headers=bearer(told["access_token"]))
    assert found.status_code == 200
    assert len(client.queries) == 2, client.queries  # the login, the artist
    me = (await client.get("/auth/me", headers=bearer(told["access_token"]))).json()
    assert (me["user"]["username"], me["via"]) == ("anna", "token")
    check = await client.get("/auth/check", headers=bearer(told["access_token"]))
    assert check.json()["user"]["username"] == "anna"
    assert (await client.get("/api/artists/1")).status_code == 401


async def test_a_wrong_password_is_told_no_tokens(client: Client, rows: Rows) -> None:
    rows(user())
    for as_form in (False, True):
        answer = await client.post("/auth/login", **sent({**GRANT, "password": "x"}, as_form=as_form))
        assert (answer.status_code, answer.json()) == (401, {"error": "Invalid username or password"})


async def test_bad_tokens_are_refused_alike_and_never_anonymous(open_client: Client, rows: Rows) -> None:
    rows(user(7), artist())
    for case in BAD_TOKENS:
        headers = [(b"authorization", f"Bearer {case['token']}".encode())]
        for path in ("/api/artists/1", "/auth/me", "/videos"):
            answer = await open_client.get(path, headers=headers)
            assert (answer.status_code, answer.json()) == (401, REFUSED), case["name"]
            assert answer.headers["www-authenticate"] == "Bearer"
        assert (await open_client.get("/auth/check", headers=headers)).json() == {"authenticated": False}
        assert (await open_client.get("/simple-login", headers=headers)).status_code == 200
    assert await events(open_client) == ["token_refused"]


async def test_a_token_dies_with_what_it_hangs_on(client: Client, rows: Rows) -> None:
    rows(user(), user(2, "otto"))
    headers = bearer((await granted(client))["access_token"])
    alive: dict[type[Any], dict[str, Any]] = {
        UserSession: {"status": SessionStatus.ACTIVE, "expires_at": now() + timedelta(days=1), "user_id": 1},
        User: {"is_active": True},
    }
    ends: list[tuple[type[Any], dict[str, Any]]] = [
        (UserSession, {"status": SessionStatus.REVOKED}),
        (UserSession, {"expires_at": now()}),
        (UserSession, {"user_id": 2}),
        (User, {"is_active": False}),
    ]
    for model, values in ends:
        assert (await client.get("/auth/me", headers=headers)).status_code == 200
        await change(client, model, **values)
        assert (await client.get("/auth/me", headers=headers)).status_code == 401
        await change(client, model, **alive[model])


async def test_the_role_is_the_present_one(client: Client, rows: Rows) -> None:
    rows(user(role=UserRole.MANAGER), artist())
    headers = bearer((await granted(client))["access_token"])
    assert (await client.delete("/api/artists/9", headers=headers)).status_code == 404
    await change(client, User, role=UserRole.READONLY)
    assert (await client.delete("/api/artists/9", headers=headers)).status_code == 403


async def test_a_header_decides_alone(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    assert (await client.get("/auth/me")).json()["via"] == "cookie"
    assert (await client.get("/auth/me", headers=bearer("x"))).status_code == 401
    basic = {"authorization": "Basic cHJveHk6cGFzc3dvcmQ="}
    assert (await client.get("/auth/me", headers=basic)).json()["via"] == "cookie"


async def test_a_login_is_prolonged_by_tokens_and_never_shortened(client: Client, rows: Rows) -> None:
    rows(user())
    headers = bearer((await granted(client))["access_token"])
    until = (await login_row(client)).expires_at
    assert until - now() > timedelta(days=6, hours=23)
    await change(client, UserSession, last_activity=now() - timedelta(hours=1))
    assert (await client.get("/auth/me", headers=headers)).status_code == 200
    row = await login_row(client)
    assert row.expires_at == until
    assert row.last_activity is not None
    assert now() - row.last_activity < timedelta(minutes=1)


async def test_a_login_becomes_tokens_of_the_same_login(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    told = (await client.post("/auth/token")).json()
    assert told.keys() == {"success", "access_token", "refresh_token", "token_type", "expires_in"}
    assert (await client.post("/auth/logout")).status_code == 200
    assert (await client.get("/auth/me", headers=bearer(told["access_token"]))).status_code == 401
    assert (await refresh(client, told["refresh_token"])).status_code == 401
    assert await events(client) == ["login", "tokens_issued", "logout", "token_refused"]


async def test_only_the_cookie_of_a_login_becomes_tokens(open_client: Client, rows: Rows) -> None:
    rows(user())
    assert (await open_client.post("/auth/token", json={})).status_code == 401
    headers = bearer((await granted(open_client))["access_token"])
    assert (await open_client.post("/auth/token", headers=headers)).status_code == 403
    await log_in(open_client)
    foreign = {"origin": "http://evil.example"}
    assert (await open_client.post("/auth/token", headers=foreign)).status_code == 403


async def test_tokens_in_cookies(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    answer = await client.post(f"{BASE.replace('http', 'https')}/auth/token", json={"cookie": True})
    assert answer.json() == {"success": True, "token_type": "bearer", "expires_in": 7200}
    access, kept = (line for line in answer.headers.get_list("set-cookie") if "mvidarr_session" not in line)
    assert access.startswith("mvidarr_token=ey")
    assert access.endswith("; Max-Age=7200; Secure; HttpOnly; Path=/; SameSite=Lax")
    assert kept.startswith("mvidarr_refresh=ey")
    assert kept.endswith("; Max-Age=604800; Secure; HttpOnly; Path=/auth; SameSite=Lax")
    token = access.partition(";")[0].partition("=")[2]
    client.cookies.clear()
    client.cookies.set("mvidarr_token", token, domain="music.example.org")
    answer = await client.get("/auth/me")
    assert (answer.json()["via"], answer.headers["vary"]) == ("token", "Cookie")


async def test_a_stale_cookie_of_a_token_hides_no_login(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    client.cookies.set("mvidarr_token", "x.y.z", domain="music.example.org")
    assert (await client.get("/auth/me")).json()["via"] == "cookie"
    client.cookies.delete("mvidarr_session")
    assert (await client.get("/auth/me", headers={"content-type": "application/json"})).status_code == 401


async def test_a_login_forgets_the_tokens_of_the_one_before(client: Client, rows: Rows) -> None:
    """Planted or left behind, they would make the visitor somebody else."""
    rows(user(), user(2, "otto"))
    await log_in(client)
    await client.post("/auth/token", json={"cookie": True})
    client.cookies.delete("mvidarr_session")
    assert (await client.get("/auth/me")).json()["user"]["username"] == "anna"
    await log_in(client, "otto")
    me = (await client.get("/auth/me")).json()
    assert (me["user"]["username"], me["via"]) == ("otto", "cookie")
    assert "mvidarr_token" not in client.cookies


async def test_tokens_in_cookies_are_made_again_from_the_login(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    for _again in range(2):
        assert (await client.post("/auth/token", json={"cookie": True})).status_code == 200
    client.cookies.delete("mvidarr_session")
    assert (await client.post("/auth/token", json={"cookie": True})).status_code == 403


async def test_a_refresh_by_cookie_answers_in_cookies(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    await client.post("/auth/token", json={"cookie": True})
    first = client.cookies["mvidarr_refresh"]
    answer = await client.post("/auth/refresh")
    assert answer.json() == {"success": True, "token_type": "bearer", "expires_in": 7200}
    assert client.cookies["mvidarr_refresh"] != first
    foreign = {"sec-fetch-site": "cross-site"}
    assert (await client.post("/auth/refresh", headers=foreign)).status_code == 403
    answer = await client.post("/auth/logout")
    removed = [line for line in answer.headers.get_list("set-cookie") if "Max-Age=0" in line]
    assert {line.partition("=")[0] for line in removed} == {"mvidarr_session", "mvidarr_token", "mvidarr_refresh"}


async def test_logging_out_with_a_token_ends_its_login(client: Client, rows: Rows) -> None:
    rows(user())
    told = await granted(client)
    headers = bearer(told["access_token"])
    assert (await client.post("/auth/logout", headers=headers)).json()["success"] is True
    assert (await client.post("/auth/logout", headers=headers)).status_code == 401
    assert (await refresh(client, told["refresh_token"])).status_code == 401


async def test_status_says_whether_a_login_is_needed(client: Client, rows: Rows) -> None:
    rows(user())
    nobody = {"authenticated": False, "login_required": True, "via": "nobody", "user": None}
    assert (await client.get("/auth/status")).json() == nobody
    assert (await client.get("/auth/status", headers=bearer("x"))).json() == nobody
    await log_in(client)
    told = (await client.get("/auth/status")).json()
    assert (told["authenticated"], told["via"], told["user"]["username"]) == (True, "cookie", "anna")
    rows(Setting(id=1, key="require_authentication", value="false"))
    assert (await client.get("/auth/status")).json()["login_required"] is False


async def test_an_open_gate_makes_nobody_somebody(open_client: Client) -> None:
    assert (await open_client.get("/auth/me", headers={"content-type": "application/json"})).status_code == 401
    answer = await open_client.get("/auth/session")
    assert (answer.status_code, answer.headers["location"]) == (302, "/auth/login")


async def test_the_present_login_shows_no_token(client: Client, rows: Rows) -> None:
    rows(user(role=UserRole.MANAGER))
    await log_in(client)
    answer = await client.get("/auth/session")
    told = answer.json()
    assert told["session"]["session_token"] == "********"
    assert (told["session"]["id"], told["session"]["is_valid"], told["user"]["preferences"]) == (1, True, {})
    assert told["permissions"] == {
        "can_admin": False,
        "can_modify": True,
        "can_delete": True,
        "can_manage_users": False,
    }
    assert (await login_row(client)).session_token not in answer.text


async def test_an_optional_visitor_is_nobody_or_somebody_but_never_a_bad_credential(client: Client, rows: Rows) -> None:
    rows(user())
    good = f"Bearer {(await granted(client))['access_token']}"

    async def visitor(*headers: tuple[bytes, bytes]) -> Visitor:
        browser = BrowserSession(client.state["signer"], "")
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": list(headers)}
        request = Request({**scope, "state": client.state, "session": browser})
        async with client.state["database"].reading() as session:
            return await current_visitor(request, session)

    assert await visitor() is ANONYMOUS
    assert await visitor((b"cookie", b"mvidarr_token=x")) is ANONYMOUS
    assert (await visitor((b"authorization", good.encode()))).username == "anna"
    with pytest.raises(CredentialRefused):
        await visitor((b"authorization", b"Bearer x"))
