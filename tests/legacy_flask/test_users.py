"""Accounts on the legacy side: nobody locks the installation out, nobody touches what is another's."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from fastapi_app.models import ApiKey, AuditEvent, SessionStatus, User, UserRole, UserSession, now
from tests.legacy_flask.library import PASSWORD, Library, user

USERS = "/api/api/users"
NEW = {"username": "berta", "email": "berta@example.org", "password": "Golden-New1!"}


@pytest.fixture
def boss(library: Library) -> FlaskClient:
    """The administrator 1, beside a second one, 2, and anna, 3."""
    library.add(user("boss", UserRole.ADMIN, id=1), user("chief", UserRole.ADMIN, id=2), user("anna", id=3))
    return sign_in(library, "boss")


@pytest.fixture(autouse=True)
def audit_trail_only_grows() -> Iterator[None]:
    """No statement of any test here changes or deletes an event."""
    touched: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        verb = statement.split(maxsplit=1)[0].upper()
        if "audit_events" in statement and verb not in {"INSERT", "SELECT", "CREATE", "PRAGMA"}:
            touched.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield
    event.remove(Engine, "before_cursor_execute", note)
    assert touched == []


def sign_in(library: Library, name: str) -> FlaskClient:
    client = library.client()
    assert client.post("/auth/login", json={"username": name, "password": PASSWORD}).status_code == 200
    return client


def told(library: Library) -> list[str]:
    with library.writing() as session:
        return [row.event for row in session.query(AuditEvent).order_by(AuditEvent.id) if row.event != "login"]


@pytest.mark.parametrize(
    ("query", "names"),
    [("", ["boss", "chief", "anna"]), ("search=AN", ["anna"]), ("search=%25", []), ("per_page=1&page=2", ["chief"])],
)
def test_the_list_is_narrowed_and_paged(boss: FlaskClient, query: str, names: list[str]) -> None:
    body: Any = boss.get(f"{USERS}/?{query}").json
    assert [found["username"] for found in body["users"]] == names
    assert not any({"password_hash", "two_factor_secret", "backup_codes"} & set(found) for found in body["users"])


def test_a_new_account_can_log_in_and_look_alikes_are_taken(library: Library, boss: FlaskClient) -> None:
    made = boss.post(f"{USERS}/", json=NEW)
    assert (made.status_code, made.json and made.json["user"]["role"]) == (201, "USER")
    again = boss.post(f"{USERS}/", json={**NEW, "username": "BERTA", "email": "other@example.org"})
    assert (again.status_code, again.json) == (409, {"error": "Username already exists"})
    assert told(library) == ["user_created"]
    login = {"username": "berta", "password": NEW["password"]}
    assert library.client().post("/auth/login", json=login).status_code == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"username": "ab"}, "Username must be at least 3 characters long"),
        ({"email": "nope"}, "Invalid email format"),
        ({"password": "NoDigits!!"}, "Password must contain at least one digit"),
        ({"role": "GOD"}, "Invalid role: GOD"),
        ({"role": None}, "role must be text"),
    ],
)
def test_what_is_no_account_is_refused(boss: FlaskClient, change: dict[str, Any], error: str) -> None:
    answer = boss.post(f"{USERS}/", json={**NEW, **change})
    assert (answer.status_code, answer.json) == (400, {"error": error})


def test_nobody_takes_their_own_rights_away(library: Library, boss: FlaskClient) -> None:
    answers = [
        boss.put(f"{USERS}/1/role", json={"role": "USER"}),
        boss.post(f"{USERS}/1/deactivate"),
        boss.post("/admin/api/users/1/role", data={"role": "USER"}),
        boss.post("/admin/api/users/1/toggle-active"),
        boss.post("/admin/users/1", data={"action": "deactivate"}),
    ]
    assert [answer.status_code for answer in answers] == [409] * 5
    assert library.one(User, 1).role is UserRole.ADMIN


def test_who_was_demoted_counts_as_such_with_the_next_request(library: Library, boss: FlaskClient) -> None:
    chief = sign_in(library, "chief")
    assert boss.put(f"{USERS}/2/role", json={"role": "USER"}).status_code == 200
    assert chief.put(f"{USERS}/1/role", json={"role": "USER"}).status_code == 403
    assert library.one(User, 1).role is UserRole.ADMIN


def test_an_account_switched_off_loses_logins_and_keys(library: Library, boss: FlaskClient) -> None:
    anna = sign_in(library, "anna")
    library.add(ApiKey(id=1, user_id=3, name="k", prefix="mvk_x", key_hash="0" * 64, role=UserRole.USER))
    assert boss.post(f"{USERS}/3/deactivate").status_code == 200
    assert library.one(UserSession, 2).status is SessionStatus.REVOKED
    assert library.one(ApiKey, 1).revoked_at is not None
    assert anna.get(f"{USERS}/me").status_code == 401
    assert boss.post(f"{USERS}/3/activate").status_code == 200
    assert boss.post(f"{USERS}/3/activate").json == {"error": "User is already active"}


def test_a_lock_is_lifted_once(library: Library, boss: FlaskClient) -> None:
    library.add(user("berta", id=4, locked_until=now() + timedelta(hours=1), failed_login_attempts=3))
    assert boss.post(f"{USERS}/4/unlock").status_code == 200
    assert (library.one(User, 4).locked_until, library.one(User, 4).failed_login_attempts) == (None, 0)
    assert boss.post(f"{USERS}/4/unlock").json == {"error": "User is not locked"}


@pytest.mark.parametrize("user_id", ["999", "9" * 30])
def test_unknown_accounts_are_not_found(boss: FlaskClient, user_id: str) -> None:
    asked = [
        ("GET", "", None),
        ("PUT", "/role", {"role": "USER"}),
        ("POST", "/deactivate", None),
        ("POST", "/unlock", None),
        ("GET", "/sessions", None),
        ("DELETE", "/sessions", None),
        ("DELETE", "/sessions/1", None),
    ]
    for method, path, body in asked:
        assert boss.open(f"{USERS}/{user_id}{path}", method=method, json=body).status_code == 404, (method, path)
    for method, path in (("GET", "status"), ("POST", "disable"), ("POST", "regenerate-codes")):
        assert boss.open(f"/2fa/admin/users/{user_id}/{path}", method=method).status_code == 404, path


def test_only_the_owner_and_administrators_see_an_account(library: Library, boss: FlaskClient) -> None:
    anna = sign_in(library, "anna")
    assert anna.get(f"{USERS}/3").status_code == 200
    for method, path in (("GET", "/1"), ("GET", "/999"), ("GET", "/1/sessions"), ("DELETE", "/1/sessions/1")):
        assert anna.open(USERS + path, method=method).status_code == 403, path
    for path in ("/me", "/1", "/1/sessions"):
        assert library.client().get(USERS + path).status_code == 401, "the gate is open, and nobody is anybody"


def test_logins_show_no_token_and_end(library: Library, boss: FlaskClient) -> None:
    anna = sign_in(library, "anna")
    found: Any = anna.get(f"{USERS}/3/sessions").json
    assert [(login["session_token"], login["is_current"]) for login in found["sessions"]] == [("********", True)]
    assert anna.delete(f"{USERS}/3/sessions/1").status_code == 404, "another's"
    ended: Any = anna.delete(f"{USERS}/3/sessions/{found['sessions'][0]['id']}").json
    assert (ended["current_session_revoked"], ended["redirect_to_login"]) == (True, True)
    assert anna.get(f"{USERS}/me").status_code == 401


def test_preferences_are_merged_and_bounded(boss: FlaskClient) -> None:
    path = f"{USERS}/me/preferences"
    boss.put(path, json={"preferences": {"theme": "dark", "size": 24}})
    answer: Any = boss.put(path, json={"preferences": {"size": None}}).json
    assert answer["preferences"] == {"theme": "dark", "size": None}
    bads: tuple[dict[str, Any], ...] = ({}, {"preferences": []}, {"preferences": {"x": "y" * 20_000}})
    for bad in bads:
        assert boss.put(path, json=bad).status_code == 400


def test_the_shells_have_their_titles(boss: FlaskClient) -> None:
    titles = {
        "/admin/": "Administration",
        "/admin/users": "Users",
        "/admin/users/create": "New user",
        "/admin/users/3": "anna",
        "/admin/audit": "Audit trail",
        "/profile": "Profile",
        "/2fa/setup": "Second factor",
    }
    for path, title in titles.items():
        answer = boss.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), path
        assert f"<title>{title} - MVidarr</title>" in answer.text, path
    assert boss.get("/admin/users/999").headers["Location"] == "/admin/users"


def test_the_forms_do_their_work(library: Library, boss: FlaskClient) -> None:
    assert boss.post("/admin/users/create", data=NEW).headers["Location"] == "/admin/users"
    assert "Username already exists" in boss.post("/admin/users/create", data=NEW).text
    changed = boss.post("/admin/users/3", data={"action": "role", "role": "MANAGER"})
    assert changed.headers["Location"] == "/admin/users/3?done=role"
    assert library.one(User, 3).role is UserRole.MANAGER
    wrong = boss.post("/profile", data={"action": "email", "email": "n@example.org", "password": "x"})
    assert (wrong.status_code, "The password is wrong" in wrong.text) == (400, True)
    done = boss.post("/profile", data={"action": "email", "email": "n@example.org", "password": PASSWORD})
    assert done.headers["Location"] == "/profile?done=email"
    assert boss.post("/profile", data={"action": "revoke", "session_id": "1"}).headers["Location"] == "/simple-login"
    assert boss.get("/profile").status_code == 302


@pytest.mark.parametrize(
    ("query", "found"),
    [("event=user_created", 1), ("user=boss", 2), ("user=1", 2), ("outcome=failure", 0), ("to=2020-01-01", 0)],
)
def test_the_audit_trail_is_narrowed(boss: FlaskClient, query: str, found: int) -> None:
    boss.post(f"{USERS}/", json=NEW)
    body: Any = boss.get(f"/api/audit?{query}").json
    assert (body["total"], len(body["events"])) == (found, found)


@pytest.mark.parametrize("query", ["event=x", "outcome=x", "from=x", "to=9999-12-31", "page=0", "per_page=501"])
def test_an_audit_query_that_makes_no_sense_is_refused(boss: FlaskClient, query: str) -> None:
    assert boss.get(f"/api/audit?{query}").status_code == 400
    assert boss.get(f"/admin/audit?{query}").status_code == 200


def test_a_key_administers_but_changes_nothing_that_guards_an_account(library: Library, boss: FlaskClient) -> None:
    key = "mvk_" + "k" * 43
    digest = hashlib.sha256(key.encode()).hexdigest()
    library.add(ApiKey(user_id=1, name="k", prefix=key[:12], key_hash=digest, role=UserRole.ADMIN))
    headers, client = {"X-Api-Key": key}, library.client()
    assert client.get(f"{USERS}/", headers=headers).status_code == 200
    refused = [
        client.put(f"{USERS}/me/preferences", json={"preferences": {}}, headers=headers),
        client.post("/2fa/api/setup", headers=headers),
        client.post("/2fa/admin/users/3/disable", headers=headers),
        client.post("/2fa/admin/users/3/regenerate-codes", headers=headers),
        client.post("/admin/users/3", data={"action": "reset_password"}, headers=headers),
        client.post("/profile", data={"action": "revoke_others"}, headers=headers),
    ]
    assert [answer.status_code for answer in refused] == [403] * 6
