"""Pages of other sites write nothing through the legacy side, and read only what is named for them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from legacy_flask.origins import canonical, is_foreign, origin_allowed
from tests.legacy_flask.library import Library, make_library
from tests.legacy_flask.test_vectors import vectors

DASH = "https://dash.example.org"
EVIL = {"Origin": "http://evil.example"}
ASKS = {"Origin": DASH, "Access-Control-Request-Method": "PUT"}


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Library]:
    """A library that names one origin, and tells HSTS."""
    with make_library(tmp_path, cors_origins=(DASH,), hsts_seconds=600) as made:
        yield made


def granted(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name.startswith("Access-Control-")}


@pytest.mark.parametrize("case", vectors("foreign_requests"), ids=lambda case: str(case["name"]))
def test_foreign_requests(case: dict[str, Any]) -> None:
    allowed = case.get("allowed", ())
    found = is_foreign(case["fetch_site"], case["origin"], case["host"], allowed, scheme=case["scheme"])
    assert found is case["foreign"]
    if case["origin"] and not case["fetch_site"]:
        told = origin_allowed(case["origin"], case["host"], allowed, scheme=case["scheme"])
        assert told is not case["foreign"]


@pytest.mark.parametrize(
    ("origin", "written"),
    [("HTTPS://H:443", "https://h"), ("http://[FD00::1]:80", "http://[fd00::1]"), ("null", ""), ("http://h/", "")],
)
def test_an_origin_is_compared_as_browsers_write_it(origin: str, written: str) -> None:
    assert canonical(origin) == written


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_write_is_guarded_with_and_without_a_cookie(library: Library, method: str) -> None:
    for cookie in ({}, {"Cookie": "mvidarr_session=x"}, {"Cookie": "mvidarr_token=x"}):
        for headers in (EVIL, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = library.client().open("/api/artists/1", method=method, headers={**headers, **cookie})
            assert (answer.status_code, answer.json) == (403, {"error": "This request came from another site"})


def test_a_credential_that_no_page_can_add_passes(library: Library) -> None:
    client = library.client()
    for header in ({"Authorization": "Bearer abc"}, {"X-Api-Key": "mvk_abc"}):
        assert client.post("/api/artists/", json={"name": "X"}, headers={**EVIL, **header}).status_code != 403
    assert client.post("/api/artists/", headers={**EVIL, "Authorization": "Basic YTpi"}).status_code == 403
    assert client.post("/auth/login?apikey=mvk_abc", headers=EVIL).status_code == 403


def test_behind_tls_the_scheme_counts(library: Library) -> None:
    client = library.client()
    for origin, status in (("https://localhost", 201), ("http://localhost", 403)):
        headers = {"Origin": origin}
        answer = client.post("/api/artists/", json={"name": origin}, headers=headers, base_url="https://localhost")
        assert answer.status_code == status


def test_other_sites_read_nothing_by_default(library: Library) -> None:
    for answer in (library.client().get("/api/health", headers=ASKS), library.client().options("/x", headers=ASKS)):
        assert granted(answer) == {}
        assert "Origin" not in answer.headers.get("Vary", "")


def test_a_named_origin_may_ask_read_and_write(named: Library) -> None:
    named.close_gate()
    client = named.client()
    preflight = client.options("/api/videos/1", headers=ASKS)
    assert (preflight.status_code, preflight.data) == (204, b"")
    assert granted(preflight)["Access-Control-Allow-Origin"] == DASH
    answer = client.get("/api/videos/", headers={"Origin": DASH})
    assert answer.status_code == 401
    assert granted(answer)["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in answer.vary
    assert client.post("/api/artists/", headers={"Origin": DASH, "Sec-Fetch-Site": "cross-site"}).status_code == 401


def test_others_are_not_named(named: Library) -> None:
    named.close_gate()
    for origin in ("https://evil.example", "http://dash.example.org", "null", ""):
        preflight = named.client().options("/api/videos/1", headers={**ASKS, "Origin": origin})
        assert preflight.status_code == 401
        assert granted(preflight) == {}
        assert "Origin" in preflight.vary


def test_over_https_browsers_stay_there(named: Library) -> None:
    client = named.client()
    assert client.get("/api/health", base_url="https://localhost").headers["Strict-Transport-Security"] == "max-age=600"
    assert "Strict-Transport-Security" not in client.get("/api/health").headers


def test_it_can_be_left_to_the_proxy(library: Library) -> None:
    answer = library.client().get("/api/health", base_url="https://localhost")
    assert "Strict-Transport-Security" not in answer.headers
