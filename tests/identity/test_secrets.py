"""A day of logins, failures, tokens, keys, resets and second factors; then everything that came out is searched.

A secret may stand in the one answer that hands it out, in the columns that must hold it, and nowhere else: no log line
at the level DEBUG, no page, header, address, error, metric, audit row or flag.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pyotp
import pytest

from fastapi_app.models import UserRole
from migration_flags import Stage
from tests.identity.people import PASSWORD, add, user
from tests.identity.sides import move
from tests.parity.library import SECRET, Library, make_library
from tests.servers.web import Web, free_port, running

BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
HELD = {"user_sessions.session_token", "users.two_factor_secret", "settings.value"}
"""The columns that must hold a secret as it is."""
SERVICE_KEY = "service-key-of-the-tests-51c2"
JSON = {"content-type": "application/json"}
BROKEN = "broken-Body-word-77!A"


@dataclass
class Day:
    """What was sent and what came back, on one side."""

    client: httpx2.Client
    secrets: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    """Where something came out, and its text."""

    def ask(self, method: str, path: str, *, hands_out: bool = False, **more: Any) -> httpx2.Response:
        """An answer. With `hands_out` it is the one that may hold secrets; a Set-Cookie header always may."""
        answer = self.client.request(method, path, **more)
        assert answer.status_code < 500, (path, answer.text)
        headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
        where = f"{method} {path.partition('?')[0]} {answer.status_code}"
        self.seen.append((f"headers of {where}", str(headers)))
        if not hands_out:
            self.seen.append((f"body of {where}", answer.text))
        return answer

    def keep(self, name: str, value: str) -> str:
        assert len(value) >= 6
        self.secrets[name] = value
        return value

    def cookies(self, name: str) -> None:
        """Every cookie that the browser holds now is a secret."""
        for cookie in self.client.cookies.jar:
            self.keep(f"{name}: cookie {cookie.name}", str(cookie.value))

    def leaks(self) -> list[str]:
        found = []
        for where, text in self.seen:
            found += [f"{name} in the {where}" for name, value in self.secrets.items() if value in text]
        return found


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    made = make_library(tmp_path_factory.mktemp("secrets") / "library", gate="true")
    names = [f"{who}-{stage}" for who in ("anna", "gus", "otto", "root") for stage in (Stage.LEGACY, Stage.MODERN)]
    add(made.config, *(user(name, UserRole.ADMIN if name[0] == "r" else UserRole.USER) for name in names))
    return made


@pytest.fixture(scope="module")
def web(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The hybrid, telling everything that it tells to anybody."""
    port = free_port()
    own = {"MVIDARR_APP": "legacy_flask.asgi:app", "MVIDARR_PORT": str(port), "MVIDARR_LOG_LEVEL": "DEBUG"}
    argv = [sys.executable, "-m", "fastapi_app.cli", "serve"]
    with running(argv, port, {**library.environment, **own}, tmp_path_factory.mktemp("log")) as web:
        yield web


@pytest.fixture
def day(web: Web) -> Iterator[Day]:
    with httpx2.Client(base_url=web.base, timeout=30) as client:
        yield Day(client)


@BOTH
def test_nothing_tells_a_secret(library: Library, web: Web, day: Day, stage: Stage) -> None:
    move(library, web, stage)
    day.keep("the signing key", SECRET)
    guesses(day, f"gus-{stage}")
    tokens(day, f"anna-{stage}")
    keys(day, f"anna-{stage}")
    passwords(day, f"anna-{stage}")
    administration(day, f"root-{stage}", f"otto-{stage}")
    second_factor(day, f"otto-{stage}")
    pages(day, f"root-{stage}")
    day.seen.append(("log", web.log.read_text(errors="replace")))
    day.seen += _stored(library)
    assert len(day.secrets) > 20
    assert day.leaks() == []


def guesses(day: Day, name: str) -> None:
    """Wrong passwords through both doors, in every form."""
    for door in ("/auth/login", "/simple-login"):
        wrong = day.keep(f"a wrong password at {door}", f"Guessed-{door[1]}-At-Random1!")
        day.ask("POST", door, json={"username": name, "password": wrong})
        day.ask("POST", door, data={"username": name, "password": wrong})
        day.ask("POST", door, data={"username": wrong, "password": "x"})
        day.ask(
            "POST", door, json={"username": name, "password": [day.keep("a password in a list", "Listed-Word-88!a")]}
        )
        day.ask("POST", door, headers=JSON, content=f'{{"username": "{name}", "password": "{BROKEN}"'.encode())
        day.ask("POST", door, json={"username": name, "password": day.keep("a long password", "Long-Word-1!" * 9)})
    day.keep("a password in a broken body", BROKEN)
    day.keep("the password", PASSWORD)


def log_in(day: Day, name: str, password: str = PASSWORD, **more: str) -> dict[str, Any]:
    day.client.cookies.clear()
    body = {"username": name, "password": password, **more}
    answer = day.ask("POST", "/auth/login", hands_out=True, json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    if "session" in told:
        day.keep(f"a session of {name}", told["session"]["token"])
    day.cookies(name)
    return told


def tokens(day: Day, name: str) -> None:
    """Issued, renewed, replayed, forged, in bodies and in cookies."""
    told = log_in(day, name, grant_type="password")
    access = day.keep("an access token", told["access_token"])
    first = day.keep("a refresh token", told["refresh_token"])
    day.client.cookies.clear()
    bearer = {"authorization": f"Bearer {access}"}
    for path in ("/auth/me", "/auth/check", "/auth/status", "/auth/session", "/api/artists/", "/nothing"):
        day.ask("GET", path, headers=bearer)
    renewed = day.ask("POST", "/auth/refresh", hands_out=True, json={"refresh_token": first}).json()
    day.keep("a renewed access token", renewed["access_token"])
    day.keep("a renewed refresh token", renewed["refresh_token"])
    day.ask("POST", "/auth/refresh", json={"refresh_token": first + "x"})
    day.ask("POST", "/auth/refresh", json={"refresh_token": first}, headers={"user-agent": "a thief"})
    day.ask("POST", "/auth/refresh", json={"refresh_token": access})
    day.ask("GET", "/api/artists/", headers={"authorization": f"Bearer {access}x"})
    day.ask("GET", "/videos", headers={"authorization": f"Bearer {access}"})
    log_in(day, name)
    day.ask("POST", "/auth/token", json={"cookie": True})
    day.cookies("after the conversion")
    day.ask("POST", "/auth/refresh", json={"cookie": True})
    day.cookies("after the renewal")
    day.ask("POST", "/auth/logout", json={})


def keys(day: Day, name: str) -> None:
    """A key in a header and in addresses, good and bad, also where an address leads on."""
    log_in(day, name)
    made = day.ask("POST", "/api/keys", hands_out=True, json={"name": "player", "role": "READONLY"})
    assert made.status_code == 201
    key = day.keep("an API key", made.json()["key"])
    wrong = day.keep("a wrong API key", "mvk_" + "wrong" * 8 + "abc")
    day.ask("GET", "/api/keys")
    day.client.cookies.clear()
    for each in (key, wrong):
        day.ask("GET", "/api/artists/", headers={"x-api-key": each})
        for path in ("/api/artists/", "/api/artists", "/videos", "/", "/nothing", "/simple-login", "/api/videos/abc"):
            day.ask("GET", f"{path}?apikey={each}&q=1")
        day.ask("POST", f"/api/artists/?apikey={each}", headers=JSON, content=b"{")
        day.ask("DELETE", f"/api/artists/1?q=1&apikey={each}")
    log_in(day, name)
    day.ask("DELETE", f"/api/keys/{made.json()['api_key']['id']}")
    day.ask("GET", f"/api/artists/?apikey={key}")


def passwords(day: Day, name: str) -> None:
    """Changed, refused for being wrong or weak."""
    log_in(day, name)
    new = day.keep("a new password", "Another-Horse2!")
    weak = day.keep("a weak password", "weakerthanweak")
    address = "/auth/change-password"
    day.ask("POST", address, json={"current_password": "Not-The-Word3!", "new_password": new})
    day.ask("POST", address, json={"current_password": PASSWORD, "new_password": weak})
    assert day.ask("POST", address, json={"current_password": PASSWORD, "new_password": new}).status_code == 200
    day.keep("a wrong present password", "Not-The-Word3!")
    log_in(day, name, new)


def administration(day: Day, root: str, other: str) -> None:
    """Accounts, a reset code and its use, a service's key among the settings."""
    log_in(day, root)
    given = day.keep("the password of a new account", "Given-Horse4!")
    body = {"username": f"new-{root}", "email": f"new-{root}@example.org", "password": given, "role": "USER"}
    assert day.ask("POST", "/api/api/users/", json=body).status_code == 201
    day.ask("POST", "/api/api/users/", json=body)
    assert day.ask("PUT", "/api/settings/imvdb_api_key", json={"value": SERVICE_KEY}).status_code == 200
    day.keep("a service's key", SERVICE_KEY)
    day.ask("PUT", "/api/settings/bulk", json={"settings": {"plex_token": SERVICE_KEY, "note": "x"}})
    people = day.ask("GET", "/api/api/users/").json()["users"]
    number = next(one["id"] for one in people if one["username"] == other)
    made = day.ask("POST", f"/api/api/users/{number}/reset-password", hands_out=True, json={})
    assert made.status_code == 200
    code = day.keep("a reset code", made.json()["reset_token"])
    day.client.cookies.clear()
    reset = "/auth/reset-password"
    day.ask("POST", reset, json={"token": code, "new_password": "weak"})
    assert day.ask("POST", reset, json={"token": code, "new_password": PASSWORD}).status_code == 200
    day.ask("POST", reset, json={"token": code, "new_password": PASSWORD})
    day.ask("POST", reset, data={"token": code, "new_password": PASSWORD})


def second_factor(day: Day, name: str) -> None:
    """Prepared, switched on, asked at a login, missed, replaced by a backup code, renewed, switched off."""
    log_in(day, name)
    made = day.ask("POST", "/2fa/api/setup", hands_out=True, json={}).json()["setup_data"]
    secret = day.keep("the authenticator's secret", made["manual_entry_key"])
    for number, code in enumerate(made["backup_codes"]):
        day.keep(f"backup code {number}", code)
    now = pyotp.TOTP(secret).now()
    assert day.ask("POST", "/2fa/api/verify-setup", json={"token": now}).status_code == 200
    pending = log_in(day, name)
    day.ask("GET", "/2fa/verify")
    verify = "/2fa/api/verify-login"
    day.ask("POST", verify, json={"user_id": pending["user_id"], "token": "no-code"})
    day.ask("POST", verify, data={"token": "no-code-either"})
    answer = day.ask(
        "POST", verify, hands_out=True, json={"user_id": pending["user_id"], "token": made["backup_codes"][0]}
    )
    assert answer.status_code == 200, answer.text
    day.cookies("after the second factor")
    renewed = day.ask("POST", "/2fa/api/regenerate-codes", hands_out=True, json={"password": PASSWORD})
    for number, code in enumerate(renewed.json()["backup_codes"]):
        day.keep(f"renewed code {number}", code)
    day.ask("GET", "/2fa/api/status")
    day.ask("GET", "/2fa/setup")
    assert day.ask("POST", "/2fa/api/disable", json={"password": PASSWORD}).status_code == 200


def pages(day: Day, root: str) -> None:
    """Whatever an administrator can look at afterwards."""
    log_in(day, root)
    listed = day.ask("GET", "/api/audit?per_page=100")
    assert listed.status_code == 200
    for path in (
        "/",
        "/admin/",
        "/admin/users",
        "/admin/audit",
        "/profile",
        "/settings",
        "/api/settings/",
        "/api/api/users/",
        "/api/api/users/me",
        "/api/keys?user_id=all",
        "/auth/me",
        "/auth/session",
        "/auth/credentials",
        "/metrics",
        "/openapi.json",
        "/_strangler/",
    ):
        day.ask("GET", path)


def _stored(library: Library) -> list[tuple[str, str]]:
    """Every text of every table, the router's own included, but for the columns that must hold secrets."""
    with closing(sqlite3.connect(library.config.data_dir / "mvidarr.db")) as database:
        # A virtual table only shows what others hold, and orders it in ways that this connection does not know.
        real = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %'"
        tables = [name for (name,) in database.execute(real)]
        found = []
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')
            names = [f"{table}.{column[0]}" for column in rows.description]
            columns = zip(names, zip(*rows, strict=True), strict=False)
            found += [(f"column {name}", str(values)) for name, values in columns if name not in HELD]
    return found


def test_the_search_finds_what_is_there(library: Library) -> None:
    """A search that could not fail would prove nothing."""
    with httpx2.Client() as client:
        day = Day(client, {"a stored name": "Nova Kestrel"}, _stored(library))
    assert "a stored name in the column artists.name" in day.leaks()
