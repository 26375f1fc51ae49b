"""Bodies of 200 MB in both directions, over real sockets: the server's memory does not notice them."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.router.serving import PROTOCOLS, Child, child, fetch, get, raw, rest

SIZE = 200_000_000
BLOCK = bytes(500_000)
LIMIT_KIB = 16 * 1024
THREADS = 4


@pytest.fixture(scope="module", params=PROTOCOLS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    with child(tmp_path_factory.mktemp("memory") / "log", request.param, threads=THREADS) as server:
        fetch(server.port, "/count", "POST", bytes(5_000_000))
        fetch(server.port, "/film?size=5000000")
        yield server


@pytest.fixture
def growth(server: Child) -> Callable[[], int]:
    """The most memory that the server has had since the test began, beyond what it had then, in KiB."""
    server.forget_peak()
    before = server.kib("VmRSS")
    return lambda: server.kib("VmHWM") - before


def drain(connection: socket.socket) -> int:
    """How many bytes come until the server closes."""
    buffer, total = bytearray(1 << 20), 0
    while count := connection.recv_into(buffer):
        total += count
    return total


def send_all(connection: socket.socket, chunked: bool) -> None:
    for _ in range(SIZE // len(BLOCK)):
        connection.sendall(b"%x\r\n%s\r\n" % (len(BLOCK), BLOCK) if chunked else BLOCK)
    if chunked:
        connection.sendall(b"0\r\n\r\n")


@pytest.mark.parametrize("framing", [f"Content-Length: {SIZE}", "Transfer-Encoding: chunked"])
def test_a_large_upload_is_not_held_in_memory(server: Child, growth: Callable[[], int], framing: str) -> None:
    """The application begins to read late, so the client is held up, and not its bytes."""
    connection, _ = raw(server.port, get("/count?nap=0.3", framing, method="POST"), enough=0)
    with connection:
        send_all(connection, "chunked" in framing)
        assert str(SIZE).encode() in rest(connection)
    assert growth() < LIMIT_KIB


@pytest.mark.parametrize("path", [f"/film?size={SIZE}", "/blocks?number=2000&size=100000"])
def test_a_large_answer_is_not_held_in_memory(server: Child, growth: Callable[[], int], path: str) -> None:
    """A file, and a generator that is quicker than any client."""
    connection, _ = raw(server.port, get(path), enough=0)
    with connection:
        assert drain(connection) > SIZE
    assert growth() < LIMIT_KIB


def test_readers_who_stop_hold_no_more_than_a_window_each(server: Child, growth: Callable[[], int]) -> None:
    held = [raw(server.port, get("/blocks?number=2000&size=100000"), enough=0)[0] for _ in range(THREADS - 1)]
    server.until(busy=THREADS - 1, streams=THREADS - 1)
    hops = -1
    while hops != (hops := server.state()["hops"]):  # until nothing crosses any more
        threading.Event().wait(0.1)
    assert growth() < LIMIT_KIB
    for connection in held:
        connection.close()
    server.until(busy=0)
