"""Logging in and out: two doors, one set of accounts."""

from collections.abc import Callable
from datetime import timedelta

import anyio
import httpx2
import pytest
from sqlalchemy import select

from fastapi_app.auth.hashing import Hashing
from fastapi_app.auth.passwords import PasswordTooLong, hash_password, verify_password
from fastapi_app.errors import Unavailable
from fastapi_app.models import SessionStatus, User, UserRole, UserSession, now
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import PASSWORD, PASSWORD_HASH, artist, log_in, user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

RIGHT = {"username": "anna", "password": PASSWORD}
WRONG = {"username": "anna", "password": "wrong"}
DOORS = ["/auth/login", "/simple-login"]


async def sessions(client: Client) -> list[UserSession]:
    async with client.state["database"].reading() as session:
        return list(await session.scalars(select(UserSession).order_by(UserSession.id)))


async def account(client: Client) -> User:
    async with client.state["database"].reading() as session:
        found: User = await session.get_one(User, 1)
        return found


def set_cookie(answer: httpx2.Response) -> str:
    return str(answer.headers.get("set-cookie", ""))


async def test_a_login_opens_what_the_role_may(client: Client, rows: Rows) -> None:
    rows(user())
    assert (await client.get("/api/artists/")).status_code == 401
    answer = await client.post("/auth/login", json=RIGHT)
    body = answer.json()
    assert len(body.pop("session")["token"]) == 43
    assert body == {
        "success": True,
        "message": "Login successful",
        "user": {
            "id": 1,
            "username": "anna",
            "email": "anna@example.org",
            "role": "USER",
            "can_modify": True,
            "can_delete": False,
            "can_admin": False,
        },
    }
    client.queries.clear()
    assert (await client.get("/api/artists/1")).status_code == 404
    assert len(client.queries) == 2, client.queries  # the login, the artist: no question about the gate
    assert (await client.delete("/api/artists/1")).status_code == 403
    assert (await client.get("/auth/check")).json()["user"]["username"] == "anna"


async def test_the_two_doors_differ_in_their_cookie(client: Client, rows: Rows) -> None:
    rows(user())
    brief = set_cookie(await client.post("/auth/login", json=RIGHT))
    assert "Expires" not in brief
    assert brief.endswith("; HttpOnly; Path=/; SameSite=Lax")
    assert set_cookie(await client.get("/api/health")) == ""
    kept = await client.post("/simple-login", json=RIGHT)
    assert kept.json() == {"success": True, "message": "Login successful"}
    assert "Expires=" in set_cookie(kept)
    assert "Expires=" in set_cookie(await client.get("/api/health"))
    assert (await client.get("/api/health")).headers["vary"] == "Cookie"


async def test_over_https_the_cookie_is_secure(client: Client, rows: Rows) -> None:
    rows(user())
    answer = await client.post("https://music.example.org/auth/login", json=RIGHT)
    assert "; Secure;" in set_cookie(answer)


async def test_the_email_address_is_a_name_too(client: Client, rows: Rows) -> None:
    rows(user())
    assert (await client.post("/auth/login", json={**RIGHT, "username": "ANNA@example.org"})).status_code == 200


@pytest.mark.parametrize(
    ("next_url", "leads_to"), [("", "/"), ("/videos", "/videos"), ("//evil.example", "/"), ("http://evil.example", "/")]
)
async def test_a_form_leads_on_within_the_site(client: Client, rows: Rows, next_url: str, leads_to: str) -> None:
    rows(user())
    for door in DOORS:
        answer = await client.post(door, params={"next": next_url}, data=RIGHT)
        assert (answer.status_code, answer.headers["location"]) == (302, leads_to)
        assert (await client.get(door, params={"next": next_url})).headers["location"] == leads_to


async def test_a_form_that_fails_leads_back_with_the_reason(client: Client, rows: Rows) -> None:
    rows(user())
    for door in DOORS:
        answer = await client.post(f"{door}?next=/videos", data=WRONG)
        assert (answer.status_code, answer.headers["location"]) == (302, f"{door}?error=Invalid+username+or+password")
        page = await client.get(answer.headers["location"])
        assert "Invalid username or password" in page.text


@pytest.mark.parametrize("body", [{}, {"username": "anna"}, {"password": "x"}, {"username": "", "password": "x"}])
async def test_missing_credentials(client: Client, body: dict[str, str]) -> None:
    expected = {"error": "Username and password are required"}
    for door, status in zip(DOORS, (400, 401), strict=True):
        answer = await client.post(door, json=body)
        assert (answer.status_code, answer.json()) == (status, expected)
    assert (await client.post("/auth/login", data=body)).status_code == 400
    back = await client.post("/simple-login", data=body)
    assert back.headers["location"] == "/simple-login?error=Username+and+password+are+required"


@pytest.mark.parametrize(
    "body",
    [
        [1],
        "x",
        None,
        {"username": 5, "password": 6},
        {"username": ["anna"], "password": "x"},
        {"username": "a\0", "password": "x"},
        {"username": "a", "password": "\ud800"},
    ],
)
async def test_credentials_that_are_no_text(client: Client, body: object) -> None:
    for door in DOORS:
        assert (await client.post(door, **as_json(body))).status_code == 400


@pytest.mark.parametrize("username", ["nobody", "' OR 1=1 --", "x" * 10_000, "%", "_nna", "🔥"], ids=ascii)
async def test_names_that_nobody_has(client: Client, rows: Rows, username: str) -> None:
    rows(user())
    answer = await client.post("/auth/login", **as_json({"username": username, "password": PASSWORD}))
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid username or password"})


async def test_five_failures_lock_the_account_for_half_an_hour(client: Client, rows: Rows) -> None:
    rows(user())
    for _attempt in range(5):
        assert (await client.post("/auth/login", json=WRONG)).json() == {"error": "Invalid username or password"}
    locked = (await account(client)).locked_until
    assert locked is not None
    assert timedelta(minutes=29) < locked - now() <= timedelta(minutes=30)
    answer = await client.post("/auth/login", json=RIGHT)
    assert (answer.status_code, answer.json()) == (401, {"error": f"Account is locked until {locked}"})
    assert await sessions(client) == []


async def test_guessing_at_once_is_counted_one_by_one(client: Client, rows: Rows) -> None:
    rows(user())
    async with anyio.create_task_group() as group:
        for _attempt in range(8):
            group.start_soon(lambda: client.post("/auth/login", json=WRONG))
    assert (await account(client)).locked_until is not None


async def test_success_forgets_failures(client: Client, rows: Rows) -> None:
    rows(user(failed_login_attempts=4, locked_until=now() - timedelta(minutes=1)))
    await log_in(client)
    found = await account(client)
    assert (found.failed_login_attempts, found.locked_until) == (0, None)
    assert found.last_login is not None


async def test_a_switched_off_account_stays_out_and_its_logins_die(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    async with client.state["database"].writing() as session:
        (await session.get_one(User, 1)).is_active = False
    assert (await client.get("/auth/check")).json() == {"authenticated": False}
    assert (await client.post("/auth/login", json=RIGHT)).json() == {"error": "Account is inactive"}


async def test_the_published_password_never_logs_in(client: Client, rows: Rows) -> None:
    rows(user(1, "admin", UserRole.ADMIN, password_hash=hash_password("admin", rounds=4)))
    for name in ("admin", "admin@example.org"):
        answer = await client.post("/auth/login", json={"username": name, "password": "admin"})
        assert (answer.status_code, answer.json()) == (401, {"error": "Invalid username or password"})


async def test_a_new_login_ends_the_one_before_it(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    await log_in(client)
    assert [row.status for row in await sessions(client)] == [SessionStatus.REVOKED, SessionStatus.ACTIVE]


async def test_logging_out_ends_the_login_on_the_server_too(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    cookie = client.cookies["mvidarr_session"]
    answer = await client.post("/auth/logout")
    assert answer.json() == {"success": True, "message": "Logged out successfully"}
    assert "Max-Age=0" in set_cookie(answer)
    client.cookies.set("mvidarr_session", cookie, domain="music.example.org")
    assert (await client.get("/auth/check")).json() == {"authenticated": False}


async def test_nobody_can_not_log_out(client: Client) -> None:
    answer = await client.post("/auth/logout", json={})
    assert (answer.status_code, answer.json()) == (401, {"code": "AUTH_REQUIRED", "error": "Authentication required"})
    answer = await client.post("/auth/logout")
    assert (answer.status_code, answer.headers["location"]) == (302, "/auth/login")


async def test_the_pages_log_out_by_form_and_by_link(client: Client, rows: Rows) -> None:
    rows(user())
    for method in ("GET", "POST"):
        await log_in(client)
        answer = await client.request(method, "/auth/dynamic-logout")
        assert (answer.status_code, answer.headers["location"]) == (302, "/simple-login")
        assert (await client.get("/auth/check")).json() == {"authenticated": False}
    assert {row.status for row in await sessions(client)} == {SessionStatus.REVOKED}
    await log_in(client)
    assert (await client.post("/auth/dynamic-logout", json={})).json()["success"] is True
    assert "next=" in (await client.get("/auth/dynamic-logout")).headers["location"]


@pytest.mark.parametrize("change", [{"status": SessionStatus.REVOKED}, {"expires_at": now() - timedelta(seconds=1)}])
async def test_a_login_that_ended_counts_no_more(client: Client, rows: Rows, change: dict[str, object]) -> None:
    rows(user())
    await log_in(client)
    async with client.state["database"].writing() as session:
        row = await session.get_one(UserSession, 1)
        for name, value in change.items():
            setattr(row, name, value)
    assert (await client.get("/auth/check")).json() == {"authenticated": False}


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_a_login_slides_once_a_minute(client: Client, rows: Rows, method: str) -> None:
    rows(user(), artist())
    await log_in(client)
    earlier = now() - timedelta(hours=2)
    async with client.state["database"].writing() as session:
        (await session.get_one(UserSession, 1)).last_activity = earlier
    for _again in range(2):
        client.queries.clear()
        assert (await client.request(method, "/api/artists/1", json={"name": "x"})).status_code == 200
    assert not any(query.startswith("UPDATE user_sessions") for query in client.queries)
    row = (await sessions(client))[0]
    assert row.last_activity is not None
    assert row.last_activity > earlier
    assert row.expires_at - row.last_activity == timedelta(hours=24)


async def test_a_login_slides_with_a_change_at_a_path_that_there_is_not(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    earlier = now() - timedelta(hours=2)
    async with client.state["database"].writing() as session:
        (await session.get_one(UserSession, 1)).last_activity = earlier
    assert (await client.put("/api/artists/x", json={})).status_code == 404
    row = (await sessions(client))[0]
    assert row.last_activity is not None
    assert row.last_activity > earlier


async def test_a_login_whose_row_can_not_be_written_still_counts(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    database = client.state["database"]
    async with database.writing() as session:
        (await session.get_one(UserSession, 1)).last_activity = None

    class Broken:
        reading = database.reading

        @staticmethod
        def writing() -> object:
            from sqlalchemy.exc import OperationalError

            raise OperationalError("UPDATE", {}, Exception("read only"))

    client.state["database"] = Broken
    assert (await client.get("/auth/check")).json()["authenticated"] is True


async def test_a_token_counts_only_letter_by_letter(client: Client, rows: Rows) -> None:
    rows(user())
    token = "AbcdefghijklmnopqrstuvwxyZ0123456789_-AbcDE"
    rows(UserSession(id=1, user_id=1, session_token=token, expires_at=now() + timedelta(hours=1)))
    for given, known in ((token, True), (token.lower(), False), ("", False), ("x" * 256, False), (5, False)):
        cookie = client.state["signer"].write({"session_token": given, "user_id": 1})
        client.cookies.set("mvidarr_session", cookie, domain="music.example.org")
        assert (await client.get("/auth/check")).json()["authenticated"] is known


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "é", '"', "eyJ9.x.y" * 500])
async def test_broken_cookies_are_nobody(client: Client, cookie: str) -> None:
    headers = [(b"cookie", f"other=1; mvidarr_session={cookie}; more".encode("latin-1"))]
    answer = await client.get("/auth/check", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"authenticated": False})


FOREIGN = [
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"origin": "http://evil.example"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": "http://music.example.org:8080"}, 403),
    ({"origin": "http://[bad"}, 403),
    ({"origin": "https://music.example.org", "sec-fetch-site": "same-origin"}, 404),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "none"}, 404),
    ({}, 404),
]


@pytest.mark.parametrize(("headers", "status"), FOREIGN, ids=str)
async def test_another_site_can_not_use_the_cookie(
    client: Client, rows: Rows, headers: dict[str, str], status: int
) -> None:
    rows(user())
    await log_in(client)
    assert (await client.put("/api/artists/1", json={"name": "x"}, headers=headers)).status_code == status
    assert (await client.get("/api/artists/1", headers=headers)).status_code == 404


async def test_another_site_can_not_log_a_visitor_in(client: Client, rows: Rows) -> None:
    rows(user())
    for door in DOORS:
        answer = await client.post(door, data=RIGHT, headers={"sec-fetch-site": "cross-site"})
        assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)


async def test_too_many_logins_at_once_are_told_to_come_back() -> None:
    hashing = Hashing(workers=1, queue=1)
    outcomes: list[bool] = []

    async def attempt() -> None:
        try:
            outcomes.append(await hashing.verify(PASSWORD, PASSWORD_HASH))
        except Unavailable:
            outcomes.append(False)

    async with anyio.create_task_group() as group:
        for _attempt in range(5):
            group.start_soon(attempt)
    assert sorted(outcomes) == [False, False, False, True, True]


def test_a_new_hash_is_bcrypt_and_refuses_what_it_would_cut() -> None:
    made = hash_password("x" * 72, rounds=4)
    assert len(made) == 60
    assert verify_password("x" * 72, made)
    with pytest.raises(PasswordTooLong):
        hash_password("x" * 73, rounds=4)
