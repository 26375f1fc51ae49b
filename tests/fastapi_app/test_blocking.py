"""A call that blocks the event loop is caught in these tests, and work in threads leaves the loop free."""

import http.client
import os
import socket
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bcrypt
import pytest
from anyio import to_thread

from fastapi_app.config import Config
from fastapi_app.genres import queries
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import PASSWORD, user
from tests.servers.web import serving

pytestmark = pytest.mark.anyio
LOGINS = 4
SALT = b"$2b$12$abcdefghijklmnopqrstuu"
"""Of a hash that takes as long as the product's own; those of the other tests take a millisecond."""
MEDIAN_SECONDS = 0.1
"""A login computes longer than this: were it done on the loop, every other answer would wait for whole logins."""


def query_sqlite() -> None:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("SELECT 1")
    finally:
        connection.close()


def connect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as asker:
        asker.connect(server.getsockname())


def read_pipe() -> None:
    """As who waits for a process does."""
    reader, writer = os.pipe()
    try:
        os.write(writer, b"x")
        os.read(reader, 1)
    finally:
        os.close(reader)
        os.close(writer)


BLOCKING: dict[str, Callable[[], Any]] = {
    "sleep": lambda: time.sleep(0.001),
    "stat": lambda: Path(__file__).stat(),
    "read": lambda: Path(__file__).read_bytes(),
    "list": lambda: list(Path(__file__).parent.iterdir()),
    "sqlite": query_sqlite,
    "connect": connect,
    "pipe": read_pipe,
}


@pytest.mark.parametrize("kind", BLOCKING)
async def test_a_blocking_call_in_an_endpoint_is_caught(
    kind: str, open_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def blocking(*_arguments: Any) -> Any:
        BLOCKING[kind]()
        return []

    assert (await open_client.get("/api/genres/videos/1")).status_code == 200
    monkeypatch.setattr(queries, "genres_of_video", blocking)
    assert (await open_client.get("/api/genres/videos/1")).status_code == 500


@pytest.mark.parametrize("kind", BLOCKING)
async def test_the_same_call_in_a_thread_is_none(
    kind: str, open_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def threaded(*_arguments: Any) -> Any:
        await to_thread.run_sync(BLOCKING[kind])
        return []

    monkeypatch.setattr(queries, "genres_of_video", threaded)
    assert (await open_client.get("/api/genres/videos/1")).status_code == 200


def test_a_served_loop_answers_while_passwords_are_hashed(
    config: Config, rows: Callable[..., None], tmp_path: Path
) -> None:
    stored = bcrypt.hashpw(PASSWORD.encode(), SALT).decode()
    rows(*(user(number, f"user{number}", password_hash=stored) for number in range(1, LOGINS + 1)))
    environment = {"MVIDARR_DATA_DIR": str(config.data_dir), "MVIDARR_LOG_LEVEL": "ERROR"}
    with serving("fastapi_app.asgi:app", environment, tmp_path) as web:
        host = urlsplit(web.base).netloc
        statuses: list[int] = []
        logins = [
            threading.Thread(target=lambda number=number: statuses.append(login(host, f"user{number}")))
            for number in range(1, LOGINS + 1)
        ]
        for thread in logins:
            thread.start()
        waits = []
        while any(thread.is_alive() for thread in logins):
            waits.append(seconds_of(host, "/healthz"))
        for thread in logins:
            thread.join()
    assert statuses == [200] * LOGINS
    assert statistics.median(waits) < MEDIAN_SECONDS, f"{len(waits)} answers, slowest {max(waits):.3f} s"


def login(host: str, name: str) -> int:
    body = f'{{"username": "{name}", "password": "{PASSWORD}"}}'
    return ask(host, "POST", "/auth/login", body)


def seconds_of(host: str, path: str) -> float:
    began = time.perf_counter()
    assert ask(host, "GET", path) == 200
    return time.perf_counter() - began


def ask(host: str, method: str, path: str, body: str | None = None) -> int:
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
