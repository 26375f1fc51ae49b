"""Paths, methods and slashes that no endpoint answers: as 0.9's router did, and the gate first."""

import pytest

from tests.fastapi_app.conftest import BASE, Client

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("method", "path", "location"),
    [
        ("GET", "/api/artists", "/api/artists/"),
        ("HEAD", "/api/videos", "/api/videos/"),
        ("OPTIONS", "/api/artists", "/api/artists/"),
        ("POST", "/api/artists?x=1&y=%C3%A9", "/api/artists/?x=1&y=%C3%A9"),
        ("GET", "/api//health", "/api/health"),
        ("GET", "//api//health?q=1", "/api/health?q=1"),
        ("GET", "/api///artists", "/api/artists/"),
        ("GET", "/api/settings//a%20b%C3%A9", "/api/settings/a%20b%C3%A9"),
        ("GET", "/api/settings", "/api/settings/"),
        ("GET", "/api/artists//", "/api/artists/"),
    ],
)
async def test_slashes_are_mended_by_a_redirect(open_client: Client, method: str, path: str, location: str) -> None:
    answer = await open_client.request(method, BASE + path)
    assert (answer.status_code, answer.headers["location"]) == (308, BASE + location)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_redirect_keeps_the_host_that_the_visitor_typed(open_client: Client) -> None:
    headers = {"host": "music.example.org:8443", "x-forwarded-host": "evil.example"}
    answer = await open_client.get("/api/artists?x=1", headers=headers)
    assert answer.headers["location"] == "http://music.example.org:8443/api/artists/?x=1"
    answer = await open_client.get("/api/artists", headers={"host": 'evil.example/"<x>'})
    assert answer.headers["location"] == "/api/artists/"


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/nope",
        "/api/nope",
        "/api/artists/1/nope",
        "/api/artists/1/",
        "/api/health/",
        "/api/health;x=1",
        "/api/health%20",
        "/api/videos/1/stream/",
        "/api/settings/a/b",
        "/static",
        "/.env",
        "/%00",
        "/%ff",
    ],
)
async def test_unknown_paths_are_not_found(open_client: Client, path: str) -> None:
    answer = await open_client.get(path)
    json = path.startswith("/api/")
    assert (answer.status_code, answer.headers["content-type"].startswith("application/json")) == (404, json)


async def test_a_final_slash_is_offered_only_for_a_method_that_answers_there(open_client: Client) -> None:
    assert (await open_client.put("/api/videos")).status_code == 404


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/health", "GET, HEAD, OPTIONS"),
        ("/api/artists/", "GET, HEAD, OPTIONS, POST"),
        ("/api/artists/1", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("/api/artists/1/settings", "OPTIONS, PUT"),
        ("/api/settings/bulk", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("/auth/logout", "OPTIONS, POST"),
        ("/simple-login", "GET, HEAD, OPTIONS, POST"),
        ("/static/x.css", "GET, HEAD, OPTIONS"),
    ],
)
async def test_other_methods_are_told_what_is_allowed(open_client: Client, path: str, allowed: str) -> None:
    for method in ("PATCH", "TRACE", "BREW"):
        answer = await open_client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    options = await open_client.options(path)
    assert (options.status_code, options.headers["allow"], options.content) == (200, allowed, b"")
    assert options.headers["content-type"] == "text/html; charset=utf-8"


async def test_doubled_slashes_with_another_method(open_client: Client) -> None:
    answer = await open_client.post("/api//health")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", ["/api/artists", "/api/nope", "/api//videos/1", "/api/artists/1"])
async def test_a_closed_gate_hides_what_exists(client: Client, path: str) -> None:
    for method in ("GET", "OPTIONS", "PATCH"):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.json()["login_url"]) == (401, "/simple-login")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/nope", "http://music.example.org/nope"),
        ("/videos?q=1&x=%C3%A9", "http://music.example.org/videos?q%3D1%26x%3D%C3%A9"),
        ("/a%20b/%C3%A9%25", "http://music.example.org/a%2520b/%C3%A9%25"),
    ],
)
async def test_a_closed_gate_sends_browsers_to_the_login(client: Client, path: str, location: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (302, f"/simple-login?next={location}")
    answer = await client.get(path, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "AUTH_REQUIRED")


@pytest.mark.parametrize("path", ["/api/healthz", "/favicon.ico", "/static/nope.js", "/auth/login/x", "/api/health/x"])
async def test_a_closed_gate_does_not_guard_what_was_never_guarded(client: Client, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_every_answer_carries_the_security_headers(client: Client) -> None:
    for method, path in (("GET", "/api/health"), ("GET", "/nope"), ("PATCH", "/api/health"), ("GET", "/simple-login")):
        headers = (await client.request(method, path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in headers["content-security-policy"]
        assert len(headers.get_list("content-security-policy")) == 1


@pytest.mark.parametrize("path", ["/api/artists/", "/api/health/status", "/simple-login", "/api/artists/9", "/metrics"])
async def test_head_is_get_without_its_body(open_client: Client, path: str) -> None:
    head, get = await open_client.head(path), await open_client.get(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
