"""The login form, the error page and the list of operations."""

import re

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from fastapi_app.pages.markup import render_error


@pytest.mark.parametrize("path", ["/simple-login", "/auth/login"])
def test_each_door_posts_to_itself(client: TestClient, path: str) -> None:
    page = client.get(path).text
    assert "<title>Login - MVidarr</title>" in page
    assert f'<form class="login" method="post" action="{path}">' in page
    assert 'autocomplete="current-password"' in page


def test_the_error_is_shown_as_text(client: TestClient) -> None:
    page = client.get("/simple-login", params={"error": "<b>wrong</b>"}).text
    assert '<p class="form-error" role="alert">&lt;b&gt;wrong&lt;/b&gt;</p>' in page


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/videos?q=a&page=2", "/simple-login?next=/videos%3Fq%3Da%26page%3D2"),
        ('/videos?q="><script>', "/simple-login?next=/videos%3Fq%3D%22%3E%3Cscript%3E"),
    ],
)
def test_where_the_visitor_wanted_to_go_is_kept(client: TestClient, target: str, kept: str) -> None:
    assert f'action="{kept}"' in client.get("/simple-login", params={"next": target}).text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_the_login_never_leads_to_another_site(client: TestClient, target: str) -> None:
    page = client.get("/simple-login", params={"next": target}).text
    assert "evil" not in page
    assert "alert" not in page


def test_every_operation_is_listed_with_its_answers(client: TestClient) -> None:
    page = client.get("/docs").text
    described = client.get("/openapi.json").json()
    operations = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    pattern = r'<span class="method \w+">(\w+)</span> <code class="path">([^<]+)</code>'
    assert set(re.findall(pattern, page)) == operations
    groups = [
        client.get(address).text for address in sorted(set(re.findall(r'chip-link" href="([^"]+group=[^"]+)"', page)))
    ]
    assert {found for text in groups for found in re.findall(pattern, text)} == operations
    shapes = {name for text in groups for name in re.findall(r'id="shape-(\w+)"', text)}
    assert shapes == set(described["components"]["schemas"])


def test_an_error_page_says_what_and_escapes_it() -> None:
    request = Request({"type": "http", "method": "GET", "path": "/x", "headers": [], "root_path": "/p"})
    answer = render_error(request, 404, "No <page> here", headers={"x-more": "1"})
    page = bytes(answer.body).decode()
    assert (answer.status_code, answer.headers["x-more"]) == (404, "1")
    assert "No &lt;page&gt; here" in page
    assert "<h1>Not Found</h1>" in page
    assert 'href="/p/videos"' in page
