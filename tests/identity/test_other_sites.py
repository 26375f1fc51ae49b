"""Pages of other sites before the whole hybrid: whichever side serves a route, they get the same."""

from collections.abc import AsyncIterator

import pytest

from migration_flags import Stage
from tests.identity.people import sent
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import Library

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
DASH = "https://dash.example.org"
HOST = {"host": "music.example.org"}
FOREIGN = (
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://music.example.org:8080"},
    {"origin": "http://a.music.example.org", "sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site"},
)
WRITES = ("POST /auth/login", "POST /simple-login", "POST /auth/refresh", "POST /auth/token", "POST /auth/logout")


@pytest.fixture
async def named(library: Library) -> AsyncIterator[Hybrid]:
    """The hybrid of an installation that names one origin."""
    config = library.config.model_copy(update={"cors_origins": (DASH,)})
    async with started(Library(config, library.environment)) as hybrid:
        yield hybrid


@BOTH
async def test_no_other_page_writes_with_any_cookie(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    login = await hybrid.log_in("root")
    answer = await sent(hybrid, "POST", "/auth/token", {"cookie": login}, {"cookie": True})
    cookies = [login, *(value.partition(";")[0] for value in answer.all("set-cookie"))]
    assert len(cookies) >= 3
    for cookie in (*cookies, ""):
        for headers in FOREIGN:
            for key in (*WRITES, "DELETE /api/artists/999999"):
                method, path = key.split(" ")
                found = await sent(hybrid, method, path, {**HOST, **headers, "cookie": cookie}, {"cookie": True})
                assert (found.status, found.json) == (403, {"error": "This request came from another site"}), (
                    key,
                    headers,
                )
    assert (await sent(hybrid, "GET", "/auth/check", {"cookie": login})).json["authenticated"]


@BOTH
async def test_our_own_pages_and_programs_write(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    cookie = await hybrid.log_in("root")
    ours: tuple[dict[str, str], ...] = (
        {},
        {"origin": "http://music.example.org"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    )
    for headers in ours:
        found = await sent(hybrid, "DELETE", "/api/artists/999999", {**HOST, **headers, "cookie": cookie})
        assert found.status == 404


@BOTH
async def test_preflights_are_answered_for_named_origins_alone(named: Hybrid, stage: Stage) -> None:
    await named.move(stage)
    for path in ("/api/artists/", "/api/videos/1", "/auth/me", "/nothing"):
        asks = {"origin": DASH, "access-control-request-method": "PUT"}
        granted = await named.ask("OPTIONS", path, headers=asks)
        assert granted.status == 204, path
        assert granted.headers["access-control-allow-origin"] == DASH
        assert granted.headers["access-control-allow-credentials"] == "true"
        refused = await named.ask("OPTIONS", path, headers={**asks, "origin": "https://evil.example"})
        assert "access-control-allow-origin" not in refused.headers
        assert refused.status != 204


@BOTH
async def test_named_origins_read_what_their_credentials_allow(named: Hybrid, stage: Stage) -> None:
    await named.move(stage)
    refused = await sent(named, "GET", "/api/artists/", {"origin": DASH})
    assert refused.status == 401
    cookie = await named.log_in("reader")
    read = await sent(named, "GET", "/api/artists/", {"origin": DASH, "cookie": cookie})
    for answer in (refused, read):
        assert answer.headers["access-control-allow-origin"] == DASH
        assert any("Origin" in value for value in answer.all("vary"))
    assert read.status == 200


@BOTH
async def test_answers_are_the_same_for_everybody_by_default(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    answer = await sent(hybrid, "GET", "/api/artists/", {"origin": DASH})
    assert [name for name in answer.headers if name.startswith("access-control-")] == []
    assert not any("Origin" in value for value in answer.all("vary"))
