"""What every answer tells the browser to refuse."""

import httpx2
import pytest

from fastapi_app.config import Config
from tests.fastapi_app.conftest import Client, connected

pytestmark = pytest.mark.anyio

HSTS = "strict-transport-security"


@pytest.fixture
async def seen(client: Client) -> list[httpx2.Response]:
    """Answers of many kinds: a page, data, refusals, nothing there, a wrong verb."""
    paths = ("/simple-login", "/api/health", "/api/videos/", "/videos", "/nothing", "/static/nothing.css", "/metrics")
    answers = [await client.get(path) for path in paths]
    return [*answers, await client.patch("/api/health"), await client.post("/auth/login", content=b"{")]


async def test_every_answer_says_it(seen: list[httpx2.Response]) -> None:
    for answer in seen:
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert HSTS not in answer.headers


async def test_over_https_browsers_stay_there(client: Client) -> None:
    answer = await client.get("https://music.example.org/api/health")
    assert answer.headers[HSTS] == "max-age=31536000"


async def test_it_can_be_left_to_the_proxy(config: Config) -> None:
    async with connected(config.model_copy(update={"hsts_seconds": 0})) as client:
        assert HSTS not in (await client.get("https://music.example.org/api/health")).headers
