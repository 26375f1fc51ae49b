"""Requests about accounts, logins, the second factor and the audit trail."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from fastapi_app.auth.cookies import CookieSigner
from tests.parity.ask import CODE, FORM, JSON, Ask, get, send
from tests.parity.library import LOGINS, PASSWORD, SECRET
from tests.parity.values import NUMBERS, VALUES

USERS = "/api/api/users"
NEW = {"username": "fresh", "email": "fresh@example.org", "password": "Golden-New1!"}
_WHO = ("", "reader", "anna", "manager", "root")
_IDS = ("1", "3", "8", "999", "0", "9" * 30, "abc", "1.0")
_PAGES = ("/admin/", "/admin/users", "/admin/users/create", "/admin/users/3", "/admin/audit", "/profile", "/2fa/setup")


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    for who in _WHO:
        for path in ("/", "/me", "/3", "/3/sessions", "/4", "/999"):
            yield get(f"{USERS}{path}", who)
        for path in () if who == "root" else ("/admin/system/status/service", "/admin/system/logs/recent"):
            yield get(path, who)
        for path in (*_PAGES, "/2fa/api/status", "/2fa/admin/users/3/status", "/api/audit?event=user_created"):
            yield get(path, who)
    for row_id in _IDS:
        for path in (f"{USERS}/{row_id}", f"{USERS}/{row_id}/sessions", f"/2fa/admin/users/{row_id}/status"):
            yield get(path, "root")
        yield get(f"/admin/users/{row_id}", "root")
    for name, value in product(("page", "per_page"), NUMBERS):
        yield get(f"{USERS}/?{name}={value}", "root")
        yield get(f"/api/audit?to=2001-01-01&{name}={value}", "root")
        yield get(f"/admin/users?{name}={value}", "root")
    for query in (
        "search=AN",
        "search=%25",
        "search=%00",
        "role=ADMIN",
        "role=admin",
        "active=true",
        "active=1",
        "q=x",
    ):
        yield get(f"{USERS}/?{query}", "root")
        yield get(f"/admin/users?{query}", "root")
    for query in (
        "event=login_refused&to=2001-01-01",
        "event=x",
        "user=1&to=2001-01-01",
        "user=" + "9" * 80,
        "outcome=failure&to=2001-01-01",
        "outcome=x",
        "address=%00",
        "from=2100-01-01",
        "from=2100-01-01T00:00:00%2B02:00",
        "from=x",
        "to=9999-12-31",
        "event=&user=&from=&to=2001-01-01",
    ):
        yield get(f"/api/audit?{query}", "root")
        yield get(f"/admin/audit?{query}", "root")
    yield get("/profile?done=email", "anna")
    yield get("/2fa/setup?done=<b>", "anna")
    yield get("/api/api/users")


def writes() -> Iterator[Ask]:
    """Everybody who logs in later has the same rights as before."""
    yield from _accounts()
    yield from _forms()
    yield from _second_factor()
    yield get("/api/audit?event=user_role_changed", "root")
    yield get(f"{USERS}/", "root")
    yield from _logins()


def gated() -> Iterator[Ask]:
    """As everybody."""
    for who, path in product(
        _WHO, (*_PAGES, f"{USERS}/", f"{USERS}/me", f"{USERS}/3", "/2fa/api/status", "/api/audit")
    ):
        if not (path == "/api/audit" and who == "root"):  # the logins of this very run
            yield get(path, who)
    for who, target in product(
        _WHO[:-1],
        (
            f"{USERS}/",
            f"{USERS}/7/activate",
            f"{USERS}/7/deactivate",
            f"{USERS}/7/unlock",
            "/2fa/admin/users/7/disable",
            "/2fa/admin/users/7/regenerate-codes",
            "/admin/users/create",
            "/admin/users/7",
            "/admin/api/users/7/role",
            "/admin/api/users/7/toggle-active",
        ),
    ):
        yield Ask("POST", target, b"", (), who)
        yield Ask("POST", target, b"{}", (("Content-Type", JSON),), who)
    for who in _WHO[:-1]:
        yield send("PUT", f"{USERS}/7/role", {"role": "ADMIN"}, who)
        yield Ask("DELETE", f"{USERS}/1/sessions", None, (), who)
    for method, target in (
        ("PUT", f"{USERS}/me/preferences"),
        ("POST", "/2fa/api/disable"),
        ("POST", "/2fa/api/setup"),
    ):
        yield Ask(method, target, b"{}", (("Content-Type", JSON),))


def _accounts() -> Iterator[Ask]:
    for field, value in product(("username", "email", "password", "role"), VALUES):
        # Neither of the two can be stored, so that no value makes an account.
        spoiled = {"email": "nope"} if field != "email" else {"password": "short"}
        yield send("POST", f"{USERS}/", {**NEW, **spoiled, field: value}, "root")
    for change in (
        {},
        {},
        {"username": "FRESH"},
        {"username": "other"},
        {"username": "other2", "email": "ROOT@example.org"},
    ):
        yield send("POST", f"{USERS}/", {**NEW, **change}, "root")
    for role in (*VALUES[:8], "GOD", "admin", "MANAGER", "MANAGER", "USER"):
        yield send("PUT", f"{USERS}/7/role", {"role": role}, "root")
    for row_id, action in product((*_IDS, "7"), ("activate", "deactivate", "deactivate", "activate", "unlock")):
        if row_id != "3":
            yield Ask("POST", f"{USERS}/{row_id}/{action}", None, (), "root")
    yield Ask("POST", f"{USERS}/5/unlock", None, (), "root")
    yield send("PUT", f"{USERS}/1/role", {"role": "USER"}, "root")
    for value in VALUES:
        yield send("PUT", f"{USERS}/me/preferences", {"preferences": {"a": value}}, "manager")
        yield send("PUT", f"{USERS}/me/preferences", {"preferences": value}, "manager")
    yield get(f"{USERS}/me", "manager")


def _logins() -> Iterator[Ask]:
    yield get(f"{USERS}/3/sessions", "anna")
    for row_id, session_id in product(("1", "3", "999", "9" * 30), ("1", "999", "0", "9" * 30)):
        yield Ask("DELETE", f"{USERS}/{row_id}/sessions/{session_id}", None, (), "anna")
    yield Ask("DELETE", f"{USERS}/9/sessions/4", None, (), "root")
    yield Ask("DELETE", f"{USERS}/3/sessions?others=1", None, (), "anna")
    yield Ask("DELETE", f"{USERS}/3/sessions", None, (), "anna")
    yield Ask("DELETE", f"{USERS}/3/sessions", None, (), "root")
    yield Ask("DELETE", f"{USERS}/999/sessions", None, (), "root")


def _forms() -> Iterator[Ask]:
    made = {**NEW, "username": "formed", "email": "formed@example.org"}
    for values in ({}, {**made, "role": "GOD"}, {**made, "role": ""}, made, {**made, "email": "other@example.org"}):
        yield _form("/admin/users/create", values, "root")
    for values in (
        {},
        {"action": "x"},
        {"action": "role"},
        {"action": "role", "role": "MANAGER"},
        {"action": "role", "role": "USER"},
        {"action": "deactivate"},
        {"action": "deactivate"},
        {"action": "activate"},
        {"action": "unlock"},
        {"action": "revoke"},
        {"action": "revoke", "session_id": "999"},
        {"action": "revoke_all"},
        {"action": "disable_2fa"},
        {"action": "renew_codes"},
        {"action": "reset_password"},
    ):
        for row_id in ("7", "1", "999"):
            if (row_id, values.get("action")) != ("1", "revoke_all"):
                yield _form(f"/admin/users/{row_id}", values, "root")
    for values in ({}, {"role": "GOD"}, {"role": "READONLY"}, {"role": "USER"}):
        for row_id in ("7", "1", "999"):
            yield _form(f"/admin/api/users/{row_id}/role", values, "root")
    for row_id in ("7", "7", "1", "999"):
        yield _form(f"/admin/api/users/{row_id}/toggle-active", {}, "root")
    for values in (
        {},
        {"action": "email", "email": "nope", "password": PASSWORD},
        {"action": "email", "email": "reader@example.org"},
        {"action": "email", "email": "reader@example.org", "password": "wrong"},
        {"action": "email", "email": "ROOT@example.org", "password": PASSWORD},
        {"action": "email", "email": "new-reader@example.org", "password": PASSWORD},
        {"action": "password", "current_password": PASSWORD, "new_password": "short"},
        {"action": "password", "current_password": "wrong", "new_password": NEW["password"]},
        {"action": "password", "current_password": PASSWORD, "new_password": PASSWORD},
        {"action": "revoke", "session_id": "1"},
        {"action": "revoke_others"},
    ):
        yield _form("/profile", values, "reader")


def _second_factor() -> Iterator[Ask]:
    """`pending` has a secret that no code proved yet; `twofold` has it on, and `twice`, too."""
    for code in (None, 5, "\0", "000000"):
        yield _as("pending", "POST", "/2fa/api/verify-setup", {"token": code})
    bodies: tuple[Any, ...] = ({}, [])
    for missing in bodies:
        yield _as("pending", "POST", "/2fa/api/verify-setup", missing)
    yield _as("pending", "POST", "/2fa/api/verify-setup", {"token": CODE})
    yield _as("pending", "POST", "/2fa/api/verify-setup", {"token": CODE})
    yield _as("pending", "POST", "/2fa/api/setup", {})
    for path in ("/2fa/api/regenerate-codes", "/2fa/api/disable"):
        proofs: tuple[dict[str, Any], ...] = ({}, {"password": 5}, {"token": []}, {"password": "wrong"})
        for body in (*proofs, {"password": PASSWORD}):
            yield _as("twofold", "POST", path, body)
        yield _as("twofold", "GET", "/2fa/api/status", None)
    for values in (
        {},
        {"action": "prepare"},
        {"action": "enable", "token": "1"},
        {"action": "disable", "password": "x"},
    ):
        yield _form("/2fa/setup", values, "anna")
    yield Ask("POST", "/2fa/api/setup", None, (), "anna")
    for row_id in ("11", "3", "999"):
        yield Ask("POST", f"/2fa/admin/users/{row_id}/regenerate-codes", None, (), "root")
        yield Ask("POST", f"/2fa/admin/users/{row_id}/disable", None, (), "root")
        yield get(f"/2fa/admin/users/{row_id}/status", "root")


def _form(target: str, values: dict[str, str], who: str) -> Ask:
    content = "&".join(f"{name}={value.replace('@', '%40')}" for name, value in values.items())
    return Ask("POST", target, content.encode(), (("Content-Type", FORM),), who)


def _as(name: str, method: str, target: str, content: Any) -> Ask:
    """As somebody whose login is in the library: with a second factor, a password is not enough to make one."""
    cookie = CookieSigner((SECRET,)).write({"session_token": LOGINS[name]})
    asked = get(target) if content is None else send(method, target, content)
    return Ask(method, target, asked.body, (*asked.headers, ("Cookie", f"mvidarr_session={cookie}")))
