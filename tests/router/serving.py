"""A real uvicorn on a real socket, in a thread of this process; and raw requests to it."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import uvicorn

from router.types import ASGIApp


class Server(uvicorn.Server):
    """Runs in a thread, so it leaves the process's signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @property
    def port(self) -> int:
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port


@contextmanager
def serving(app: ASGIApp, **options: Any) -> Iterator[Server]:
    """A started server on a free port; stopped, and waited for, at the end."""
    settings: dict[str, Any] = {"port": 0, "log_level": "critical", "lifespan": "on", "timeout_graceful_shutdown": 2}
    server = Server(uvicorn.Config(app, **{**settings, **options}))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait(lambda: server.started or not thread.is_alive())
        assert server.started, "The server did not start."
        yield server
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive(), "The server did not stop."


def wait(condition: Any, within: float = 10.0) -> None:
    """Polls until ``condition`` holds. Fails after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)


def fetch(
    port: int, path: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (lower case) and body of one request on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body=body, headers=headers or {}, encode_chunked=not isinstance(body, bytes))
        response = connection.getresponse()
        return response.status, {key.lower(): value for key, value in response.getheaders()}, response.read()


def raw(port: int, request: bytes, enough: int = 1) -> tuple[socket.socket, bytes]:
    """Sends bytes and reads until ``enough`` have come. The connection stays open: close it."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(request)
    received = b""
    while len(received) < enough and (part := connection.recv(65536)):
        received += part
    return connection, received
