"""Accounts: nobody locks the installation out, nobody touches what is another's, and nothing secret is told."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from fastapi_app.audit.record import Origin
from fastapi_app.auth.visitor import Visitor
from fastapi_app.errors import Forbidden
from fastapi_app.models import ApiKey, AuditEvent, SessionStatus, User, UserRole, UserSession, now
from fastapi_app.users.changes import Acting, change_role
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import log_in, user
from tests.fastapi_app.stored import one

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

USERS = "/api/api/users"
NEW = {"username": "berta", "email": "berta@example.org", "password": "Golden-New1!"}


@pytest.fixture
async def boss(client: Client, rows: Rows) -> Client:
    """The administrator 1, beside a second one, 2, and anna, 3."""
    rows(user(1, "boss", UserRole.ADMIN), user(2, "chief", UserRole.ADMIN), user(3, "anna"))
    await log_in(client, "boss")
    return client


@pytest.fixture(autouse=True)
def audit_trail_only_grows() -> Iterator[None]:
    """No statement of any test here changes or deletes an event."""
    touched: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if changes_events(statement):
            touched.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield
    event.remove(Engine, "before_cursor_execute", note)
    assert touched == []


def changes_events(statement: str) -> bool:
    words = statement.split()
    return "audit_events" in statement and words[0].upper() in {
        "UPDATE",
        "DELETE",
        "REPLACE",
        "DROP",
        "TRUNCATE",
        "ALTER",
    }


async def events(client: Client) -> list[AuditEvent]:
    async with client.state["database"].reading() as session:
        return list(await session.scalars(select(AuditEvent).order_by(AuditEvent.id)))


async def told(client: Client) -> list[str]:
    """The names of all events but logins."""
    return [found.event for found in await events(client) if found.event != "login"]


async def sign_in(client: Client, name: str) -> None:
    client.cookies.clear()
    await log_in(client, name)


async def test_the_list_tells_all_but_secrets(boss: Client, rows: Rows) -> None:
    rows(user(4, "berta", UserRole.READONLY, is_active=False, locked_until=now() + timedelta(hours=1)))
    body = (await boss.get(f"{USERS}/")).json()
    assert (body["total"], body["can_manage"]) == (4, True)
    assert [found["username"] for found in body["users"]] == ["boss", "chief", "anna", "berta"]
    berta = body["users"][3]
    assert (berta["is_active"], berta["is_locked"], berta["preferences"]) == (False, True, {})
    assert not {"password_hash", "two_factor_secret", "backup_codes", "password_reset_token"} & set(berta)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("search=AN", ["anna"]),
        ("search=%25", []),
        ("search=example.org&role=ADMIN", ["boss", "chief"]),
        ("active=false", []),
        ("per_page=1&page=2", ["chief"]),
        ("page=9", []),
    ],
)
async def test_the_list_is_narrowed_and_paged(boss: Client, query: str, names: list[str]) -> None:
    body = (await boss.get(f"{USERS}/?{query}")).json()
    assert [found["username"] for found in body["users"]] == names


@pytest.mark.parametrize("query", ["per_page=0", "per_page=201", "page=0", "role=GOD", "active=maybe", "search=%00"])
async def test_a_list_that_makes_no_sense_is_refused(boss: Client, query: str) -> None:
    assert (await boss.get(f"{USERS}/?{query}")).status_code == 400


async def test_a_new_account_can_log_in(boss: Client) -> None:
    answer = await boss.post(f"{USERS}/", json=NEW)
    assert answer.status_code == 201, answer.text
    made = answer.json()["user"]
    assert (made["id"], made["role"], made["is_active"]) == (4, "USER", True)
    assert (await told(boss)) == ["user_created"]
    boss.cookies.clear()
    await log_in(boss, "berta", NEW["password"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"username": "ab"}, "Username must be at least 3 characters long"),
        ({"username": "x" * 31}, "Username must be no more than 30 characters long"),
        ({"username": "bérta"}, "Username can only contain letters, numbers, underscores, and hyphens"),
        ({"username": "berta\n"}, None),
        ({"username": 5}, "username must be text"),
        ({"username": None}, "Username, email and password are required"),
        ({"email": "nope"}, "Invalid email format"),
        ({"email": f"{'x' * 120}@a.b"}, "Invalid email format"),
        ({"password": "short1!"}, "Password must be at least 8 characters long"),
        ({"password": "ALLUPPER1!"}, "Password must contain at least one lowercase letter"),
        ({"password": "Aa1!" * 19}, "Password must be at most 72 bytes long"),
        ({"role": "GOD"}, "Invalid role: GOD"),
        ({"role": None}, "role must be text"),
    ],
)
async def test_what_is_no_account_is_refused(boss: Client, change: dict[str, Any], error: str | None) -> None:
    answer = await boss.post(f"{USERS}/", json={**NEW, **change})
    if error is None:
        assert answer.status_code == 201  # spaces around a name are not part of it
        return
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert await told(boss) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"username": "anna"}, "Username already exists"),
        ({"username": "ANNA"}, "Username already exists"),
        ({"email": "Anna@Example.org"}, "Email already exists"),
    ],
)
async def test_a_look_alike_is_taken(boss: Client, change: dict[str, str], error: str) -> None:
    answer = await boss.post(f"{USERS}/", json={**NEW, **change})
    assert (answer.status_code, answer.json()["error"]) == (409, error)


@pytest.mark.parametrize("body", [None, [], "x", 5])
async def test_a_body_that_is_no_object_is_refused(boss: Client, body: object) -> None:
    for method, path in (("POST", "/"), ("PUT", "/3/role"), ("PUT", "/me/preferences")):
        assert (await boss.request(method, USERS + path, **as_json(body))).status_code == 400


async def test_a_new_role_counts_with_the_next_request(boss: Client, rows: Rows) -> None:
    answer = await boss.put(f"{USERS}/2/role", json={"role": "READONLY"})
    assert answer.json() == {"success": True, "message": "User role updated successfully"}
    assert (await one(boss, User, 2)).role is UserRole.READONLY
    found = (await events(boss))[-1]
    assert (found.event, found.username, found.subject) == ("user_role_changed", "boss", "chief")
    assert found.detail == {"target_id": 2, "before": "ADMIN", "after": "READONLY"}


async def test_nobody_takes_their_own_rights_away(boss: Client) -> None:
    answers = [
        await boss.put(f"{USERS}/1/role", json={"role": "USER"}),
        await boss.post(f"{USERS}/1/deactivate"),
        await boss.post("/admin/api/users/1/role", data={"role": "USER"}),
        await boss.post("/admin/api/users/1/toggle-active"),
    ]
    assert [answer.status_code for answer in answers] == [409] * 4
    assert (await one(boss, User, 1)).role is UserRole.ADMIN


async def test_who_was_demoted_demotes_nobody(boss: Client) -> None:
    """The role is read under the locks, so that a request which waited for them decides by what is true then."""
    await boss.put(f"{USERS}/2/role", json={"role": "USER"})
    stale = Acting(Visitor(2, "chief", "", UserRole.ADMIN), Origin())
    with pytest.raises(Forbidden):
        async with boss.state["database"].writing() as session:
            await change_role(session, stale, 1, UserRole.USER)


async def test_an_account_switched_off_loses_logins_and_keys(boss: Client, rows: Rows) -> None:
    await sign_in(boss, "anna")
    rows(ApiKey(id=1, user_id=3, name="k", prefix="mvk_x", key_hash="0" * 64, role=UserRole.USER, created_at=now()))
    await sign_in(boss, "boss")
    assert (await boss.post(f"{USERS}/3/deactivate")).status_code == 200
    assert (await one(boss, UserSession, 2)).status is SessionStatus.REVOKED
    assert (await one(boss, ApiKey, 1)).revoked_at is not None
    assert (await boss.post(f"{USERS}/3/deactivate")).json() == {"error": "User is already inactive"}
    assert (await boss.post(f"{USERS}/3/activate")).status_code == 200
    assert (await one(boss, UserSession, 2)).status is SessionStatus.REVOKED, "what ended stays so"
    again = await boss.post(f"{USERS}/3/activate")
    assert (again.status_code, again.json()) == (400, {"error": "User is already active"})


async def test_a_lock_is_lifted_once(boss: Client, rows: Rows) -> None:
    rows(user(4, "berta", locked_until=now() + timedelta(hours=1), failed_login_attempts=3))
    assert (await boss.post(f"{USERS}/4/unlock")).status_code == 200
    berta = await one(boss, User, 4)
    assert (berta.locked_until, berta.failed_login_attempts) == (None, 0)
    assert (await boss.post(f"{USERS}/4/unlock")).json() == {"error": "User is not locked"}


@pytest.mark.parametrize("user_id", ["999", "0", "9" * 30])
async def test_unknown_accounts_are_not_found(boss: Client, user_id: str) -> None:
    asked = [
        ("GET", f"/{user_id}", None),
        ("PUT", f"/{user_id}/role", {"role": "USER"}),
        ("POST", f"/{user_id}/deactivate", None),
        ("POST", f"/{user_id}/activate", None),
        ("POST", f"/{user_id}/unlock", None),
        ("GET", f"/{user_id}/sessions", None),
        ("DELETE", f"/{user_id}/sessions", None),
        ("DELETE", f"/{user_id}/sessions/1", None),
    ]
    for method, path, body in asked:
        answer = await boss.request(method, USERS + path, json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json"), (method, path)


async def test_only_the_owner_and_administrators_see_an_account(boss: Client) -> None:
    await sign_in(boss, "anna")
    assert (await boss.get(f"{USERS}/3")).json()["user"]["username"] == "anna"
    assert (await boss.get(f"{USERS}/3/sessions")).json()["total"] == 1
    for method, path in (
        ("GET", "/1"),
        ("GET", "/999"),
        ("GET", "/1/sessions"),
        ("DELETE", "/1/sessions"),
        ("GET", "/"),
    ):
        assert (await boss.request(method, USERS + path)).status_code == 403, path
    for method, path in (("POST", "/"), ("PUT", "/3/role"), ("POST", "/3/activate"), ("POST", "/3/unlock")):
        assert (await boss.request(method, USERS + path, json=NEW)).status_code == 403, path


async def test_through_the_open_gate_nobody_is_anybody(open_client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN))
    for path in ("/me", "/1", "/1/sessions"):
        answer = await open_client.get(USERS + path)
        assert (answer.status_code, answer.json()["code"]) == (401, "AUTH_REQUIRED"), path
    assert (await open_client.get("/profile")).status_code == 302
    assert (await open_client.get("/2fa/setup")).status_code == 302


async def test_logins_show_no_token_and_end(boss: Client) -> None:
    await sign_in(boss, "anna")
    await sign_in(boss, "anna")
    found = (await boss.get(f"{USERS}/3/sessions")).json()["sessions"]
    assert [(login["session_token"], login["is_current"]) for login in found] == [
        ("********", True),
        ("********", False),
    ]
    ended = await boss.delete(f"{USERS}/3/sessions/{found[1]['id']}")
    assert ended.json() == {
        "success": True,
        "message": "Session revoked successfully",
        "current_session_revoked": False,
    }
    assert (await boss.delete(f"{USERS}/3/sessions/{found[1]['id']}")).status_code == 404
    assert (await boss.delete(f"{USERS}/3/sessions/1")).status_code == 404, "another's"
    own = (await boss.delete(f"{USERS}/3/sessions/{found[0]['id']}")).json()
    assert (own["current_session_revoked"], own["redirect_to_login"]) == (True, True)
    assert (await boss.get(f"{USERS}/me")).status_code == 401


async def test_all_logins_end_or_all_others(boss: Client) -> None:
    await sign_in(boss, "anna")
    await sign_in(boss, "anna")
    assert "redirect_to_login" not in (await boss.delete(f"{USERS}/3/sessions?others=true")).json()
    assert (await boss.get(f"{USERS}/3/sessions")).json()["total"] == 1
    assert (await boss.delete(f"{USERS}/3/sessions")).json()["redirect_to_login"] is True
    assert (await boss.get(f"{USERS}/me")).status_code == 401
    assert (await told(boss)) == ["all_sessions_revoked", "all_sessions_revoked"]


async def test_preferences_are_merged_and_bounded(boss: Client) -> None:
    path = f"{USERS}/me/preferences"
    await boss.put(path, json={"preferences": {"theme": "dark", "size": 24}})
    answer = await boss.put(path, json={"preferences": {"size": None}})
    assert answer.json()["preferences"] == {"theme": "dark", "size": None}
    assert (await boss.get(f"{USERS}/me")).json()["user"]["preferences"] == {"theme": "dark", "size": None}
    bads: tuple[dict[str, Any], ...] = (
        {},
        {"preferences": None},
        {"preferences": []},
        {"preferences": {"x": "y" * 20_000}},
    )
    for bad in bads:
        assert (await boss.put(path, json=bad)).status_code == 400
    assert (await boss.put(path, content=b"{}")).status_code == 415


async def test_who_am_i(boss: Client) -> None:
    body = (await boss.get(f"{USERS}/me")).json()
    assert body["permissions"] == dict.fromkeys(("can_admin", "can_modify", "can_delete", "can_manage_users"), True)
    await sign_in(boss, "anna")
    body = (await boss.get(f"{USERS}/me")).json()
    assert body["permissions"] == {
        "can_admin": False,
        "can_modify": True,
        "can_delete": False,
        "can_manage_users": False,
    }


async def test_the_old_forms_answer_in_json(boss: Client) -> None:
    bad = await boss.post("/admin/api/users/3/role", data={"role": "GOD"})
    assert (bad.status_code, bad.json()) == (400, {"error": "Invalid role: GOD"})
    assert (await boss.post("/admin/api/users/3/role", data={"role": "MANAGER"})).json()["success"] is True
    off = (await boss.post("/admin/api/users/3/toggle-active")).json()
    assert (off["action"], off["new_status"]) == ("deactivated", False)
    on = (await boss.post("/admin/api/users/3/toggle-active")).json()
    assert (on["action"], on["new_status"]) == ("activated", True)
    assert (await boss.post("/admin/api/users/999/toggle-active")).json() == {"error": "User not found"}


async def test_a_key_administers_but_changes_nothing_that_guards_an_account(boss: Client, rows: Rows) -> None:
    key = "mvk_" + "k" * 43
    digest = hashlib.sha256(key.encode()).hexdigest()
    rows(ApiKey(id=1, user_id=1, name="k", prefix=key[:12], key_hash=digest, role=UserRole.ADMIN, created_at=now()))
    boss.cookies.clear()
    boss.headers["x-api-key"] = key
    assert (await boss.get(f"{USERS}/")).status_code == 200
    assert (await boss.put(f"{USERS}/3/role", json={"role": "MANAGER"})).status_code == 200
    refused = [
        await boss.put(f"{USERS}/me/preferences", json={"preferences": {}}),
        await boss.post("/2fa/api/setup"),
        await boss.post("/2fa/admin/users/3/disable"),
        await boss.post("/2fa/admin/users/3/regenerate-codes"),
        await boss.post("/admin/users/3", data={"action": "reset_password"}),
        await boss.post("/profile", data={"action": "revoke_others"}),
    ]
    assert [answer.status_code for answer in refused] == [403] * 6


def test_the_guard_knows_a_change_when_it_sees_one() -> None:
    assert changes_events("DELETE FROM audit_events WHERE id = 1")
    assert not changes_events("INSERT INTO audit_events (event) VALUES ('login')")
