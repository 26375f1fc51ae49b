"""A proxy's words about the visitor count once, from trusted proxies only; a client's never."""

from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from fastapi_app.middleware.forwarded import Forwarded

pytestmark = pytest.mark.anyio

TOLD = {
    "host": "127.0.0.1:5000",
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "music.example.org",
    "x-forwarded-prefix": "/evil",
    "x-forwarded-port": "1",
    "forwarded": "for=198.51.100.1",
}


async def seen(headers: dict[str, str], *, peer: str = "127.0.0.1", trusted: str = "127.0.0.1", **more: Any) -> Scope:
    """The scope as the application gets it."""
    found: list[Scope] = []

    async def toy(scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        found.append(scope)

    async def nothing(*_message: Any) -> Any:
        return None

    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": pairs, "root_path": "", **more}
    await Forwarded(toy, trusted)(scope, nothing, nothing)
    return found[0]


def named(scope: Scope) -> tuple[str, str, str]:
    return scope["client"][0], scope["scheme"], dict(scope["headers"])[b"host"].decode()


async def test_a_trusted_proxy_is_believed() -> None:
    scope = await seen(TOLD)
    assert named(scope) == ("203.0.113.9", "https", "music.example.org")
    assert scope["root_path"] == ""


@pytest.mark.parametrize("trusted", ["", "192.0.2.1", "10.0.0.0/8"])
async def test_nobody_else_is(trusted: str) -> None:
    assert named(await seen(TOLD, trusted=trusted)) == ("127.0.0.1", "http", "127.0.0.1:5000")


@pytest.mark.parametrize("peer", ["127.0.0.1", "198.51.100.7"])
async def test_nothing_behind_can_believe_it_again(peer: str) -> None:
    assert [name for name, _ in (await seen(TOLD, peer=peer))["headers"]] == [b"host"]


async def test_a_chain_counts_from_its_near_end() -> None:
    headers = {
        **TOLD,
        "x-forwarded-for": "6.6.6.6, 203.0.113.9, 10.0.0.2",
        "x-forwarded-host": "evil.example, a.example",
    }
    scope = await seen(headers, peer="10.0.0.1", trusted="10.0.0.0/8")
    assert named(scope) == ("203.0.113.9", "https", "a.example")


@pytest.mark.parametrize("host", ["", "a b", "a/b", "é.example", "a@b", "a\\b"])
async def test_a_host_that_is_none_changes_nothing(host: str) -> None:
    assert named(await seen({**TOLD, "x-forwarded-host": host}))[2] == "127.0.0.1:5000"


@pytest.mark.parametrize("proto", ["", "javascript", "https, http"])
async def test_a_scheme_that_is_none_changes_nothing(proto: str) -> None:
    assert named(await seen({**TOLD, "x-forwarded-proto": proto}))[1] == "http"


async def test_sockets_are_told_too() -> None:
    scope = await seen(TOLD, type="websocket", scheme="ws")
    assert named(scope) == ("203.0.113.9", "wss", "music.example.org")


async def test_the_lifespan_passes() -> None:
    assert (await seen({}, type="lifespan"))["type"] == "lifespan"
