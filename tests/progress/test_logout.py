"""The whole application on a port: who logs out, or is switched off, stops hearing, by either kind of socket."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import httpx2
import pytest
import uvicorn
from sqlalchemy import Update, update
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.models import SessionStatus, User, UserRole, UserSession
from tests.fastapi_app.library import PASSWORD, user

pytestmark = pytest.mark.anyio

ENDS = pytest.mark.parametrize(
    "change",
    [
        update(UserSession).values(status=SessionStatus.REVOKED),
        update(User).values(is_active=False),
        update(User).values(role=UserRole.MANAGER),
    ],
    ids=["logged out", "switched off", "another role"],
)


@asynccontextmanager
async def served(config: Config) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """The address, and what the lifespan made."""
    listener = sockets.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(config), log_level="critical"))
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        with anyio.fail_after(20):
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await anyio.sleep(0.01)
        yield f"127.0.0.1:{listener.getsockname()[1]}", server.lifespan.state
    finally:
        server.should_exit = True
        await serving


async def rest(connection: ClientConnection) -> list[str]:
    """What comes until the server closes."""
    found: list[str] = []
    with anyio.fail_after(15), suppress(ConnectionClosed):
        while True:
            found.append(str(await connection.recv()))
    return found


@ENDS
async def test_a_socket_ends_with_what_let_it_in(config: Config, rows: Callable[..., None], change: Update) -> None:
    rows(user(5, "anna"))
    async with served(config) as (address, state):
        async with httpx2.AsyncClient(base_url=f"http://{address}") as client:
            answer = await client.post("/auth/login", json={"username": "anna", "password": PASSWORD})
            assert answer.status_code == 200
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        given = {"additional_headers": {"Cookie": cookie}}
        engine = f"ws://{address}/socket.io/?EIO=4&transport=websocket"
        async with connect(f"ws://{address}/ws/jobs", **given) as ours, connect(engine, **given) as theirs:  # type: ignore[arg-type]
            for kind in ("connected", "snapshot"):
                assert json.loads(await ours.recv())["type"] == kind
            assert str(await theirs.recv()).startswith("0{")
            await theirs.send("40")
            assert str(await theirs.recv()).startswith("40{")
            assert "connected" in str(await theirs.recv())
            sockets_ = state["progress"].sockets
            await sockets_.check(state["database"])
            assert len(sockets_) == 2, "nothing has changed"
            async with state["database"].writing() as session:
                await session.execute(change)
            await sockets_.check(state["database"])
            await rest(ours)
            assert ours.close_code == 4401
            assert "41" in await rest(theirs), "told to go"
            assert len(sockets_) == 0
