"""One socket on a real port: slow readers lose progress only, silent and logged-out ones are closed with a reason."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from fastapi_app.auth.visitor import Visitor
from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.jobs.visibility import View
from fastapi_app.progress.connection import Connection, Patience
from fastapi_app.progress.entrance import Entrance
from fastapi_app.progress.hub import Hub
from fastapi_app.progress.sockets import Sockets
from fastapi_app.progress.standing import Proof
from tests.progress.events import an_event

pytestmark = pytest.mark.anyio

ANNA = Entrance(Visitor(5, "anna"), View(5), Proof(session_id=1))
PATIENCE = 30.0
SMALL = 4_096
"""Bytes of each buffer of the kernel, so that little fills them."""


@dataclass
class Toy:
    """An application that lets everybody in as anna, with as much patience as the test has."""

    hub: Hub
    database: Database
    patience: Patience
    connections: list[Connection] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        connection = Connection(websocket, ANNA, self.hub, self.database, self.patience)
        with self.hub.sockets.held(connection):
            await websocket.accept()
            self.connections.append(connection)
            await connection.run(follow_all=True)


@asynccontextmanager
async def served(config: Config, **patience: float) -> AsyncIterator[tuple[Toy, int]]:
    database = Database(config)
    toy = Toy(Hub(database, "", Sockets(10, 10)), database, Patience(**patience))
    listener = sockets.create_server(("127.0.0.1", 0))
    listener.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SMALL)
    options: dict[str, Any] = {"lifespan": "off", "log_level": "critical", "ws_per_message_deflate": False}
    server = uvicorn.Server(uvicorn.Config(toy, **options))
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        with anyio.fail_after(PATIENCE):
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await anyio.sleep(0.01)
        yield toy, listener.getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        await database.close()


@asynccontextmanager
async def client(port: int) -> AsyncIterator[ClientConnection]:
    """A client with small buffers, past the greeting."""
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, SMALL)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
    options: dict[str, Any] = {"sock": raw, "max_queue": 1, "compression": None, "ping_interval": None}
    async with connect(f"ws://127.0.0.1:{port}/", close_timeout=1, **options) as connection:
        for kind in ("connected", "snapshot"):
            assert json.loads(await connection.recv())["type"] == kind
        yield connection


async def everything(connection: ClientConnection, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with anyio.fail_after(PATIENCE):
        while not found or not until(found[-1]):
            found.append(json.loads(await connection.recv()))
    return found


async def closed(connection: ClientConnection) -> int | None:
    """Reads until the server closes; the code that it gives."""
    with anyio.fail_after(PATIENCE), suppress(ConnectionClosed):
        while True:
            await connection.recv()
    return connection.close_code


async def test_a_slow_reader_loses_progress_and_nothing_else(config: Config) -> None:
    async with served(config) as (toy, port), client(port) as connection:
        for seq in range(1, 301):
            for job_id in range(1, 11):
                toy.hub.hear(an_event(job_id, seq, percent=float(seq % 100), user_id=5))
            await anyio.sleep(0.005)
        for job_id in range(1, 11):
            toy.hub.hear(an_event(job_id, 1_000, "completed", user_id=5))
        toy.hub.hear(an_event(99, 1, "failed", user_id=5))
        heard = await everything(connection, lambda message: message.get("job_id") == 99)
        ends = [message["job_id"] for message in heard if message["data"]["state"] == "completed"]
        assert sorted(ends) == list(range(1, 11))
        assert len(heard) < 1_500, "progress was folded"


async def test_who_reads_nothing_at_all_is_closed_and_can_learn_why(config: Config) -> None:
    async with served(config, send=0.3) as (toy, port), client(port) as connection:
        with anyio.fail_after(PATIENCE):
            seq = 0
            while len(toy.hub.sockets):
                seq += 1
                for job_id in range(1, 101):
                    toy.hub.hear(an_event(job_id, seq, message="x" * 500, user_id=5))
                await anyio.sleep(0.02)
        assert toy.hub.subscriptions.is_empty
        assert await closed(connection) in {1013, 1006}


async def test_too_many_ends_for_a_slow_reader_close_it_rather_than_leave_one_out(config: Config) -> None:
    async with served(config, send=5.0) as (toy, port), client(port) as connection:
        for job_id in range(1, 2_500):
            toy.hub.hear(an_event(job_id, 1, "completed", user_id=5))
        assert await closed(connection) == 1013


async def test_pings_come_and_whoever_answers_none_is_closed(config: Config) -> None:
    async with served(config, ping=0.05, silence=1.0) as (_toy, port), client(port) as connection:
        for _ in range(24):  # longer than its silence is borne
            assert json.loads(await connection.recv())["type"] == "ping"
            await connection.send('{"type":"pong"}')
        assert await closed(connection) == 1013


async def test_who_logs_out_is_closed_at_the_next_look(config: Config) -> None:
    async with served(config) as (toy, port), client(port) as connection:
        await toy.hub.sockets.check(toy.database)
        assert await closed(connection) == 4401


async def test_who_leaves_is_forgotten(config: Config) -> None:
    async with served(config) as (toy, port):
        async with client(port):
            assert not toy.hub.subscriptions.is_empty
        with anyio.fail_after(PATIENCE):
            while len(toy.hub.sockets):  # noqa: ASYNC110 - the server's side of it has no event
                await anyio.sleep(0.01)
        assert toy.hub.subscriptions.is_empty


async def test_an_answer_is_never_followed_by_something_older(config: Config, rows: Callable[..., None]) -> None:
    from fastapi_app.models import Job

    given = {"kind": "download", "queue": "downloads", "payload": {}, "sequence": 5_000}
    rows(Job(id=7, subject="video 7", state="completed", **given))
    async with served(config) as (toy, port), client(port) as connection:
        for seq in range(1, 100):
            toy.hub.hear(an_event(7, seq))
            await connection.send('{"type":"subscribe_job","job_id":7}') if seq == 50 else None
        heard = await everything(connection, lambda message: message["type"] == "job_status")
        await connection.send('{"type":"ping"}')
        heard += await everything(connection, lambda message: message["type"] == "pong")
        states = [message["data"]["state"] for message in heard if "data" in message]
        assert states[-1] == "completed"
