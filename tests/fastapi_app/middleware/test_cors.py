"""Pages of other sites read nothing, unless their origin is named."""

from typing import Any

import httpx2
import pytest
from pydantic import ValidationError

from fastapi_app.config import Config
from tests.fastapi_app.conftest import connected

pytestmark = pytest.mark.anyio

DASH = "https://dash.example.org"
ASKS = {"origin": DASH, "access-control-request-method": "PUT", "access-control-request-headers": "x-api-key"}


def granted(answer: httpx2.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


def varies(answer: httpx2.Response) -> bool:
    return "Origin" in answer.headers.get("vary", "")


async def test_closed_by_default(config: Config) -> None:
    async with connected(config) as client:
        for answer in (
            await client.get("/api/health", headers={"origin": DASH}),
            await client.options("/api/videos/1", headers=ASKS),
        ):
            assert granted(answer) == {}
            assert not varies(answer)


async def test_a_named_origin_may_ask_and_read(config: Config) -> None:
    async with connected(config.model_copy(update={"cors_origins": (DASH,)})) as client:
        preflight = await client.options("/api/videos/1", headers=ASKS)
        assert (preflight.status_code, preflight.content) == (204, b"")
        assert granted(preflight)["access-control-allow-origin"] == DASH
        assert "X-Api-Key" in granted(preflight)["access-control-allow-headers"]
        assert "PUT" in granted(preflight)["access-control-allow-methods"]
        refused = await client.get("/api/videos/", headers={"origin": DASH})
        assert refused.status_code == 401
        assert granted(refused)["access-control-allow-origin"] == DASH
        assert granted(refused)["access-control-allow-credentials"] == "true"
        assert varies(refused)
        assert "content-security-policy" in refused.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "http://dash.example.org", f"{DASH}:8443", "null", ""])
async def test_others_may_not(config: Config, origin: str) -> None:
    async with connected(config.model_copy(update={"cors_origins": (DASH,)})) as client:
        preflight = await client.options("/api/videos/1", headers={**ASKS, "origin": origin})
        assert preflight.status_code == 401
        answer = await client.get("/api/health", headers={"origin": origin})
        assert granted(preflight) == granted(answer) == {}
        assert varies(preflight)
        assert varies(answer)


async def test_a_named_origin_may_write(config: Config) -> None:
    async with connected(config.model_copy(update={"cors_origins": (DASH,)})) as client:
        allowed = await client.post("/api/artists/", headers={"origin": DASH, "sec-fetch-site": "cross-site"})
        refused = await client.post("/api/artists/", headers={"origin": "https://evil.example"})
    assert (allowed.status_code, refused.status_code) == (401, 403)


@pytest.mark.parametrize("value", ["*", "null", "dash.example.org", "https://h/path", "https://u@h", "x://h"])
def test_everybody_is_no_origin(value: str) -> None:
    with pytest.raises(ValidationError, match="holds origins"):
        Config(cors_origins=value)


def test_origins_are_kept_as_browsers_write_them() -> None:
    given: Any = " HTTPS://Dash.Example.ORG:443/, http://[FD00::1]:8080 ,"
    assert Config(cors_origins=given).cors_origins == (DASH, "http://[fd00::1]:8080")
