"""Who may call what: declared on every view, and held at the door."""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from fastapi_app.models import UserRole
from legacy_flask.access import Access, UndeclaredAccess, declared, reach, requires
from tests.legacy_flask.library import Library, artist, video

PATHS = {
    "artist_id": "1",
    "size": "small",
    "video_id": "1",
    "key": "note",
    "filename": "page.css",
    "genre": "Rock",
    "monitor_id": "1",
    "url": "hook",
}
ROLES: tuple[UserRole | None, ...] = (None, *UserRole)


def target(rule: Rule) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: PATHS.get(match[1], "1"), rule.rule)


def calls(library: Library) -> list[tuple[str, str, Access]]:
    """Every method and path of the application, with the access that its view declares."""
    access = declared(library.app)
    return [
        (method, target(rule), access[rule.endpoint])
        for rule in library.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def fill(library: Library) -> None:
    library.add(artist(1), video(1))


def is_sent_to_log_in(answer: TestResponse) -> bool:
    """Whether the gate answered: 401 in JSON, for pages the way to the login form and back."""
    refusal = {"code": "AUTH_REQUIRED", "error": "Authentication required", "login_url": "/simple-login"}
    is_led = answer.status_code == 302 and answer.headers["Location"].startswith("/simple-login?next=")
    return is_led or (answer.status_code == 401 and answer.json == refusal)


def test_a_view_without_a_declaration_is_refused() -> None:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/open", view_func=lambda: "anybody")
    with pytest.raises(UndeclaredAccess):
        declared(app)


def test_a_declared_view_is_accepted() -> None:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/read", "read", requires(Access.READ)(lambda: "readers"))
    assert declared(app) == {"read": Access.READ}


def test_nobody_passes_the_closed_gate(library: Library) -> None:
    fill(library)
    library.close_gate()
    client = library.client()
    for method, path, needed in calls(library):
        answer = client.open(path, method=method, json={} if method in ("PUT", "POST") else None, buffered=True)
        # A public route may refuse by itself what it was sent, as a wrong password.
        assert is_sent_to_log_in(answer) or needed is Access.PUBLIC, (method, path, answer.status_code)


@pytest.mark.parametrize("role", UserRole)
def test_a_role_reaches_its_views_and_no_others(library: Library, role: UserRole) -> None:
    fill(library)
    library.close_gate()
    client = library.log_in(role)
    for method, path, needed in calls(library):
        if path.startswith("/auth/") or path == "/simple-login":
            continue
        answer = client.open(path, method=method, buffered=True)
        if is_sent_to_log_in(answer):  # the call before this one ended the login
            client = library.log_in(role)
            answer = client.open(path, method=method, buffered=True)
        assert (answer.status_code == 403) is (reach(role) < needed), (method, path, answer.status_code)
        assert not is_sent_to_log_in(answer), (method, path)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nope"), ("GET", "/api/artists"), ("PATCH", "/api/artists/")]
)
def test_the_gate_comes_before_the_routes(library: Library, method: str, path: str) -> None:
    library.close_gate()
    assert library.client().open(path, method=method).status_code == 401


def test_unknown_pages_lead_to_the_login(library: Library) -> None:
    library.close_gate()
    answer = library.client().get("/videos/unknown?q=1&x=%C3%A9", headers={"Host": "music.example.org"})
    assert answer.status_code == 302
    expected = "/simple-login?next=http://music.example.org/videos/unknown?q%3D1%26x%3D%C3%A9"
    assert answer.headers["Location"] == expected


@pytest.mark.parametrize("path", ["/api/health", "/api/healthz", "/static/none.css", "/favicon.ico"])
def test_some_paths_were_never_gated(library: Library, path: str) -> None:
    library.close_gate()
    assert library.client().get(path).status_code in (200, 404)


def test_a_missing_setting_keeps_the_gate_closed(library: Library) -> None:
    with library.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM settings")
    assert library.client().get("/api/videos/").status_code == 401


def test_the_open_gate_does_not_open_administration(library: Library) -> None:
    client = library.client()
    assert client.put("/api/settings/note", json={"value": "x"}).status_code == 200
    assert client.put("/api/settings/imvdb_api_key", json={"value": "x"}).status_code == 401
    assert client.put("/api/settings/bulk", json={"settings": {"a": 1, "plex_token": "x"}}).status_code == 401
    assert client.get("/api/settings/a").status_code == 404
    assert library.log_in(UserRole.MANAGER).put("/api/settings/plex_token", json={"value": "x"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost.evil.example"},
    ],
)
def test_other_sites_write_nothing_with_our_cookie(library: Library, headers: dict[str, str]) -> None:
    client = library.log_in(UserRole.ADMIN)
    refused = client.post("/api/artists/", json={"name": "X"}, headers=headers)
    assert (refused.status_code, refused.json) == (403, {"error": "This request came from another site"})
    assert client.get("/api/artists/", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}])
def test_our_own_pages_and_scripts_write(library: Library, headers: dict[str, str]) -> None:
    client = library.log_in(UserRole.ADMIN)
    assert client.post("/api/artists/", json={"name": "X"}, headers=headers).status_code == 201


def test_other_sites_log_nobody_in(library: Library) -> None:
    answer = library.client().post("/simple-login", data={"username": "a"}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
