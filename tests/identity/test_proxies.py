"""The hybrid behind a proxy, on real sockets: whom it believes, and that both sides believe the same."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.database import blocking_engine
from fastapi_app.models import UserSession
from migration_flags import Stage
from tests.identity.people import PASSWORD
from tests.identity.sides import move
from tests.parity.library import Library, make_library
from tests.servers.web import Web, free_port, running

BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
KEYS = ("POST /auth/login", "GET /auth/check", "GET /", "GET /api/artists/", "GET /api/videos/", "POST /api/artists/")
VISITOR = "203.0.113.9"
TOLD = {
    "X-Forwarded-For": VISITOR,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "music.example.org",
    "X-Forwarded-Prefix": "/elsewhere",
}
CREDENTIALS = {"username": "anna", "password": PASSWORD}
LIMIT = 40


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_library(tmp_path_factory.mktemp("proxied") / "library", gate="true")


@pytest.fixture(scope="module")
def trusting(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """`mvidarr serve` of the hybrid, which trusts this machine."""
    with serving(library, tmp_path_factory.mktemp("trusting"), MVIDARR_FLOOD_LIMIT=str(LIMIT)) as web:
        yield web


@pytest.fixture(scope="module")
def suspicious(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The same, which trusts another machine."""
    with serving(library, tmp_path_factory.mktemp("suspicious"), MVIDARR_TRUSTED_PROXIES="192.0.2.1") as web:
        yield web


def serving(library: Library, folder: Path, **settings: str) -> AbstractContextManager[Web]:
    port = free_port()
    own = {"MVIDARR_APP": "legacy_flask.asgi:app", "MVIDARR_PORT": str(port), "MVIDARR_HSTS_SECONDS": "600"}
    argv = [sys.executable, "-m", "fastapi_app.cli", "serve"]
    return running(argv, port, {**library.environment, **own, **settings}, folder)


def ask(web: Web, stage: Stage, method: str, path: str, headers: Mapping[str, str], **more: Any) -> httpx2.Response:
    """The answer of that side."""
    answer = httpx2.request(method, web.base + path, headers=dict(headers), **more)
    assert answer.headers["x-served-by"] == stage
    return answer


def addresses(library: Library) -> set[str]:
    """Where logins came from, as the database knows."""
    engine = blocking_engine(library.config)
    with Session(engine) as session:
        found = {str(address) for address in session.scalars(select(UserSession.ip_address))}
    engine.dispose()
    return found


@BOTH
def test_a_trusted_proxy_tells_who_and_how(library: Library, trusting: Web, stage: Stage) -> None:
    move(library, trusting, stage, KEYS)
    answer = ask(trusting, stage, "POST", "/auth/login", TOLD, json=CREDENTIALS)
    assert answer.status_code == 200
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=600"
    assert VISITOR in addresses(library)
    led = ask(trusting, stage, "GET", "/", TOLD)
    assert led.status_code == 302
    assert "next=https://music.example.org/" in led.headers["location"]
    assert "elsewhere" not in led.headers["location"]


@BOTH
@pytest.mark.long
def test_nobody_else_does(library: Library, suspicious: Web, stage: Stage) -> None:
    move(library, suspicious, stage, KEYS)
    answer = ask(
        suspicious, stage, "POST", "/auth/login", {**TOLD, "X-Forwarded-For": "198.51.100.66"}, json=CREDENTIALS
    )
    assert answer.status_code == 200
    assert "Secure" not in answer.headers["set-cookie"]
    assert "strict-transport-security" not in answer.headers
    assert "198.51.100.66" not in addresses(library)
    led = ask(suspicious, stage, "GET", "/", TOLD)
    assert f"next={suspicious.base}/" in led.headers["location"]


@BOTH
def test_our_pages_write_through_the_proxy_and_no_others(library: Library, trusting: Web, stage: Stage) -> None:
    move(library, trusting, stage, KEYS)
    for origin, status in (
        ("https://music.example.org", 401),
        ("http://music.example.org", 403),
        ("https://evil.example", 403),
        (trusting.base, 403),
        ("null", 403),
    ):
        answer = ask(trusting, stage, "POST", "/api/artists/", {**TOLD, "Origin": origin}, json={"name": "X"})
        assert answer.status_code == status, origin


@BOTH
def test_a_flood_from_one_visitor_leaves_the_others_alone(library: Library, trusting: Web, stage: Stage) -> None:
    move(library, trusting, stage, KEYS)
    flooder, other = (
        {**TOLD, "X-Forwarded-For": f"198.51.100.{ord(stage[0])}"},
        {**TOLD, "X-Forwarded-For": "2001:db8::1"},
    )
    ask(trusting, stage, "GET", "/api/videos/", other)
    with httpx2.Client(base_url=trusting.base, headers=flooder) as client:
        answers = [client.get("/api/videos/") for _ in range(2 * LIMIT)]
    codes = [answer.status_code for answer in answers]
    assert codes.count(401) <= LIMIT * 1.5
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["x-served-by"] == stage
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json() == {"error": "Too many requests, try again later"}
    assert "content-security-policy" in refused.headers
    assert httpx2.get(f"{trusting.base}/api/videos/", headers=other).status_code == 401
    assert httpx2.get(f"{trusting.base}/api/health", headers=flooder).status_code == 200
