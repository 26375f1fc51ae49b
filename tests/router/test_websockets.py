"""A WebSocket never reaches WSGI: it is served by the modern side, or closed at once, and holds no legacy thread."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router import WSGIBackend
from tests.router.rig import Rig, fastapi_app, running
from tests.router.wsgi_toys import closing, hello

pytestmark = pytest.mark.anyio


def with_socket() -> FastAPI:
    app = fastapi_app()

    @app.websocket("/old")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(f"modern heard {await websocket.receive_text()}")
        await websocket.close()

    return app


async def connect(app: Any, path: str) -> list[Any]:
    """What the application says to a client that connects, says hello and waits for the end."""
    said: list[Any] = []
    heard = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "hello"}]

    async def receive() -> Any:
        return heard.pop(0) if heard else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "subprotocols": [],
        "state": {},
    }
    await asyncio.wait_for(app(scope, receive, send), 5)
    return said


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
async def test_a_websocket_on_a_path_of_legacy_is_modern_whatever_the_flag_says(
    flags: MemoryStore, stage: Stage
) -> None:
    rig = Rig(flags, modern=with_socket())
    rig.set("GET /old", stage)
    async with running(rig.router):
        said = await connect(rig.router, "/old")
        assert [message["type"] for message in said] == ["websocket.accept", "websocket.send", "websocket.close"]
        assert said[1]["text"] == "modern heard hello"


async def test_a_websocket_route_takes_no_http_request_from_legacy(flags: MemoryStore) -> None:
    rig = Rig(flags, modern=with_socket())
    rig.set("GET /old", Stage.MODERN)
    async with running(rig.router):
        assert (await rig.ask("GET", "/old")).side == "legacy"


async def test_a_websocket_that_nobody_serves_is_closed_at_once(rig: Rig) -> None:
    for path in ("/api/videos/3", "/old", "/nowhere"):
        assert [message["type"] for message in await connect(rig.router, path)] == ["websocket.close"]
    assert rig.router.legacy.busy == 0


async def test_the_bridge_by_itself_closes_what_it_can_not_carry() -> None:
    backend = WSGIBackend(hello)
    assert [message["type"] for message in await connect(backend, "/")] == ["websocket.close"]
    await closing(backend)
