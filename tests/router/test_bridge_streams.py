"""Streams over real sockets: clients that leave, stall or trickle, sends that fail, tasks that are cancelled."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.router.serving import PROTOCOLS, Child, child, fetch, get, raw, talk

THREADS = 4
PATIENCE = 0.5
FAST = "/events?every=0&size=100000"


@pytest.fixture(scope="module", params=PROTOCOLS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    log = tmp_path_factory.mktemp("streams") / "log"
    with child(log, request.param, threads=THREADS, streams=THREADS, patience=PATIENCE) as server:
        yield server


def small_window(port: int, request: bytes) -> socket.socket:
    """A connection whose system holds little, so that not reading is felt at once."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", port))
    connection.sendall(request)
    return connection


def answers_at_once(server: Child) -> None:
    started = time.monotonic()
    assert fetch(server.port, "/hello")[2] == b"hello"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("path", ["/events", FAST])
def test_streams_that_clients_abandon_leave_every_thread_free(server: Child, path: str) -> None:
    before = server.state()
    for _ in range(3):
        dropped = [raw(server.port, get(path), enough=100)[0] for _ in range(THREADS)]
        server.until(busy=THREADS, streams=THREADS)
        for connection in dropped:
            connection.close()
        answers_at_once(server)
    times = 3 * THREADS
    server.until(busy=0, streams=0, finished=before["finished"] + times, closed=before["closed"] + times + 3)


@pytest.mark.parametrize("message", range(5))
def test_a_send_that_fails_frees_its_thread(server: Child, message: int) -> None:
    before = server.state()
    for _ in range(THREADS + 1):
        talk(server.port, get(FAST, f"X-Fail-At: {message}"))
    server.until(busy=0, streams=0, closed=before["closed"] + THREADS + 1)
    answers_at_once(server)


def test_a_task_cancelled_in_mid_stream_frees_its_thread(server: Child) -> None:
    before = server.state()
    for _ in range(THREADS + 1):
        talk(server.port, get("/events", "X-Cancel-After: 0.05"))
    server.until(busy=0, streams=0, finished=before["finished"] + THREADS + 1)
    answers_at_once(server)


def test_a_request_timeout_frees_no_thread_and_the_count_says_so(server: Child) -> None:
    for number in range(1, THREADS + 1):
        assert talk(server.port, get("/held", "X-Cancel-After: 0.05")).startswith(b"HTTP/1.1 504")
        server.until(busy=number, zombies=number)
    fetch(server.port, "/_/go")
    server.until(busy=0, zombies=0)
    answers_at_once(server)


def test_who_takes_nothing_of_a_stream_is_given_up(server: Child) -> None:
    stalled = [small_window(server.port, get(FAST)) for _ in range(THREADS)]
    server.until(busy=THREADS)
    server.until(busy=0, streams=0)
    answers_at_once(server)
    for connection in stalled:
        connection.close()


def test_who_takes_a_stream_slowly_but_steadily_keeps_it(server: Child) -> None:
    started, taken = time.monotonic(), 0
    with small_window(server.port, get(FAST)) as connection:
        while time.monotonic() - started < 4 * PATIENCE:
            part = connection.recv(16384)
            assert part, "The server gave up a client that was reading."
            taken += len(part)
            time.sleep(0.01)
    assert taken > 100_000
    server.until(busy=0)


def test_an_answer_without_an_end_to_an_upload_that_nobody_reads_ends_with_its_client(server: Child) -> None:
    """While the upload's window is full nothing is received, and so nobody would be told that the client left."""
    before = server.state()
    connection, _ = raw(server.port, get("/unread", "Content-Length: 100000000", method="POST"), enough=0)
    connection.settimeout(0.3)
    with suppress(TimeoutError):
        for _ in range(1000):
            connection.sendall(b"x" * 65536)
    assert connection.recv(17).startswith(b"HTTP/1.1 200")
    server.until(busy=1)
    connection.close()
    server.until(busy=0, finished=before["finished"] + 1)


def test_each_event_goes_out_when_it_is_there(server: Child) -> None:
    """Nothing is held back to fill a block: the first event comes long before the second exists."""
    started = time.monotonic()
    connection, received = raw(server.port, get("/events?every=6"))
    with connection:
        while b"eeeeeeeeee" not in received:
            received += connection.recv(65536)
        assert time.monotonic() - started < 5
