"""Behind a proxy that ends TLS and shows the site under a prefix, sockets open for our own pages and for no others."""

import sys
from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.progress.site import HYBRID, Site
from tests.servers.web import free_port
from tests.servers.web import running as serving

pytestmark = pytest.mark.anyio

TOLD = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "music.example.org"}
OURS = "https://music.example.org"
BOTH = pytest.mark.parametrize("path", ["/ws/jobs", "/socket.io/?EIO=4&transport=websocket"])


@pytest.fixture(scope="module")
def proxied(site: Site) -> Iterator[Site]:
    """`mvidarr serve` over the same library, believing this machine."""
    port = free_port()
    more = {"MVIDARR_APP": HYBRID, "MVIDARR_PORT": str(port), "MVIDARR_BASE_URL": "/mvidarr"}
    argv = [sys.executable, "-m", "fastapi_app.cli", "serve"]
    with serving(argv, port, {**site.environment, **more}, site.folder) as web:
        yield replace(site, base=web.base, pid=web.pid)


async def opened(site: Site, path: str, **headers: str) -> int:
    """101, or the status of the refusal."""
    given = {"Cookie": await site.cookie("anna"), **TOLD, **headers}
    try:
        async with connect(site.sockets + path, additional_headers=given) as socket:
            assert await socket.recv()
        return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


@BOTH
@pytest.mark.long
async def test_our_own_page_opens_a_socket_and_others_do_not(proxied: Site, path: str) -> None:
    assert await opened(proxied, path, Origin=OURS) == 101
    assert await opened(proxied, path) == 101, "no browser"
    assert await opened(proxied, path, Origin="https://evil.example") == 403
    assert await opened(proxied, path, Origin="http://music.example.org") == 403, "the page could be anybody's"
    assert await opened(proxied, path, Origin=proxied.base) == 403, "not what the visitor typed"


async def test_polling_works_under_the_prefix(proxied: Site) -> None:
    headers = {"Cookie": await proxied.cookie("anna"), **TOLD}
    async with httpx2.AsyncClient(base_url=proxied.base, headers=headers) as client:
        handshake = "/socket.io/?EIO=4&transport=polling"
        assert (await client.get(handshake, headers={"Origin": OURS})).text.startswith("0{")
        assert (await client.get(handshake, headers={"Origin": "https://evil.example"})).status_code == 403
