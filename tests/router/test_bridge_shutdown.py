"""SIGTERM, with everything open that can be: the process ends in seconds, on every parser and loop."""

import socket
from pathlib import Path

import pytest

from tests.router.serving import LOOPS, PROTOCOLS, child, get, raw, rest

FLOOD = get("/events?every=0&size=100000")
HALF = get("/count", "Content-Length: 5000000", method="POST") + b"x" * 400_000


@pytest.mark.parametrize("loop", sorted(LOOPS.values()))
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_sigterm_ends_a_server_with_streams_and_uploads_open(tmp_path: Path, protocol: str, loop: str) -> None:
    """Streams that are read, that are not, and that wait for their application; uploads in a thread and before one."""
    with child(tmp_path / "log", protocol, loop=loop, threads=8, grace=1) as server:
        requests = [FLOOD, FLOOD, get("/events"), get("/events?every=0.2"), HALF, HALF, HALF[:1000]]
        connections: list[socket.socket] = []
        for request in requests:
            connections.append(raw(server.port, request, enough=0)[0])
        server.until(busy=6)
        assert server.stop() < 4
        assert server.process.returncode == 0
        for connection in connections[2:]:
            rest(connection)
        for connection in connections:
            connection.close()
        assert "Task was destroyed" not in server.log.read_text()


@pytest.mark.parametrize("loop", sorted(LOOPS.values()))
def test_sigterm_waits_no_longer_than_its_grace_for_a_handler_that_hangs(tmp_path: Path, loop: str) -> None:
    """And its queue is not begun."""
    with child(tmp_path / "log", "httptools", loop=loop, threads=1, queue=5, deadline=60, grace=1) as server:
        held = [raw(server.port, get("/held"), enough=0)[0] for _ in range(3)]
        server.until(busy=1, waiting=2)
        assert server.stop() < 4
        for connection in held:
            rest(connection)
            connection.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_sigterm_lets_an_answer_end_that_is_on_its_way(tmp_path: Path, protocol: str) -> None:
    told = {"timeout_graceful_shutdown": 5}
    with child(tmp_path / "log", protocol, server=told, threads=2) as server:
        connection, _ = raw(server.port, get("/count?nap=0.5", method="POST"), enough=0)
        server.until(busy=1)
        assert server.stop() < 4
        with connection:
            assert rest(connection).startswith(b"HTTP/1.1 200")
