"""Over real sockets: more requests, streams and uploads than threads. What is refused, when, and what is not."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.router.serving import PROTOCOLS, Child, child, fetch, get, raw, rest, talk, wait

THREADS = 3
QUEUE = 4
DEADLINE = 1.6
PATIENCE = 2.5
HELD = get("/held")


@pytest.fixture(scope="module", params=PROTOCOLS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    log = tmp_path_factory.mktemp("saturation") / "log"
    with child(log, request.param, threads=THREADS, queue=QUEUE, deadline=DEADLINE, patience=PATIENCE) as server:
        yield server


def let_go(server: Child) -> None:
    """Again and again: a thread that counts as busy may not have come to where it is held."""
    idle = {"busy": 0, "waiting": 0, "streams": 0, "zombies": 0}
    wait(lambda: fetch(server.port, "/_/go")[0] == 200 and server.state().items() >= idle.items())


def hold(server: Child, number: int = THREADS) -> list[socket.socket]:
    """So many requests, each of which keeps its thread."""
    before = server.state()["busy"]
    held = [raw(server.port, HELD, enough=0)[0] for _ in range(number)]
    server.until(busy=before + number)
    return held


def is_refused(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 503") and b"\r\nretry-after: 2" in head.lower() and b"busy" in body


def test_threads_and_queue_are_bounded_and_the_rest_is_refused_at_once(server: Child) -> None:
    waits = server.state()["waits"]
    held = hold(server)
    queued = [raw(server.port, HELD, enough=0)[0] for _ in range(QUEUE)]
    server.until(busy=THREADS, waiting=QUEUE)
    started = time.monotonic()
    assert is_refused(talk(server.port, get("/hello")))
    assert time.monotonic() - started < DEADLINE
    fetch(server.port, "/_/go")
    assert all(rest(connection).endswith(b"held") for connection in held)
    wait(lambda: fetch(server.port, "/_/go")[0] == 200 and server.state()["busy"] == 0)
    assert all(rest(connection).endswith(b"held") for connection in queued)
    for connection in held + queued:
        connection.close()
    assert server.state()["waits"] == waits + THREADS + QUEUE


def test_who_waits_in_the_queue_is_refused_at_the_deadline(server: Child) -> None:
    held = hold(server)
    waits, started = server.state()["waits"], time.monotonic()
    assert is_refused(talk(server.port, get("/hello")))
    assert DEADLINE - 0.5 < time.monotonic() - started < DEADLINE + 5
    assert server.state()["waits"] == waits + 1
    let_go(server)
    for connection in held:
        connection.close()


@pytest.mark.parametrize("length", [0, 10, 500_000])
def test_who_leaves_the_queue_gives_up_the_place(server: Child, length: int) -> None:
    """With no body, with a small one, and in the middle of a large upload."""
    held = hold(server)
    opened = server.state()["opened"]
    head = get("/hello", f"Content-Length: {length}", method="POST")
    connection, _ = raw(server.port, head + b"x" * min(length, 150_000), enough=0)
    server.until(waiting=1)
    connection.close()
    server.until(within=DEADLINE / 2, waiting=0)
    let_go(server)
    assert server.state()["opened"] == opened + THREADS
    for connection in held:
        connection.close()


def test_a_pool_of_zombies_refuses_soon_and_recovers(server: Child) -> None:
    for connection in hold(server):
        connection.close()
    server.until(zombies=THREADS)
    started = time.monotonic()
    assert is_refused(talk(server.port, get("/hello")))
    assert time.monotonic() - started < DEADLINE
    let_go(server)
    assert fetch(server.port, "/hello")[2] == b"hello"


def test_streams_leave_the_last_thread_to_ordinary_requests(server: Child) -> None:
    streams = [raw(server.port, get("/events"), enough=100)[0] for _ in range(THREADS - 1)]
    server.until(streams=THREADS - 1)
    assert is_refused(talk(server.port, get("/events")))
    started = time.monotonic()
    assert is_refused(talk(server.port, get("/events")))
    assert all(fetch(server.port, "/hello")[2] == b"hello" for _ in range(20))
    assert time.monotonic() - started < 5
    streams.pop().close()
    server.until(streams=THREADS - 2)
    streams.append(raw(server.port, get("/events"), enough=100)[0])
    for connection in streams:
        connection.close()
    server.until(busy=0, streams=0)


def test_an_answer_to_a_request_that_changed_something_is_never_refused(server: Child) -> None:
    streams = [raw(server.port, get("/events"), enough=100)[0] for _ in range(THREADS - 1)]
    server.until(streams=THREADS - 1)
    status, _, body = fetch(server.port, "/blocks?number=5&size=100000", "POST", b"")
    assert (status, len(body)) == (200, 500_000)
    for connection in streams:
        connection.close()
    server.until(busy=0)


def test_a_burst_of_large_answers_is_served(server: Child) -> None:
    """More at once than there are places for streams: they end by themselves, so they wait for each other."""
    with ThreadPoolExecutor(THREADS + 1) as clients:
        paths = ["/blocks?number=3&size=100000"] * 16
        answers = list(clients.map(lambda path: fetch(server.port, path), paths))
    assert {(status, len(body)) for status, _, body in answers} == {(200, 300_000)}


def test_slow_large_uploads_leave_the_last_thread_to_ordinary_requests(server: Child) -> None:
    head = get("/count", "Content-Length: 500000", method="POST")
    uploads = [raw(server.port, head + b"x" * 100_000, enough=0)[0] for _ in range(THREADS - 1)]
    server.until(busy=THREADS - 1, streams=THREADS - 1)
    assert is_refused(talk(server.port, head + b"x" * 100_000))
    assert fetch(server.port, "/hello")[2] == b"hello"
    for connection in uploads:
        connection.sendall(b"x" * 400_000)
        assert rest(connection).endswith(b"500000")
        connection.close()
    server.until(busy=0, streams=0)


def test_a_small_body_that_does_not_come_is_408(server: Child) -> None:
    started = time.monotonic()
    connection, _ = raw(
        server.port, get("/echo", "Content-Length: 10", method="POST", close=False) + b"12345", enough=0
    )
    with connection:
        answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()
    assert PATIENCE - 0.2 < time.monotonic() - started < PATIENCE + 5
    assert server.state()["busy"] == 0


def test_a_large_upload_that_stops_is_408_and_frees_its_thread(server: Child) -> None:
    cut = server.state()["cut"]
    connection, _ = raw(server.port, get("/echo", "Content-Length: 500000", method="POST") + b"x" * 100_000, enough=0)
    server.until(busy=1)
    with connection:
        assert rest(connection).startswith(b"HTTP/1.1 408")
    server.until(busy=0, streams=0, cut=cut + 1)


def test_an_upload_that_is_slow_but_steady_arrives(server: Child) -> None:
    """It takes longer than the patience in all, but not for any 64 KiB."""
    head = get("/count", "Content-Length: 500000", method="POST")
    connection, _ = raw(server.port, head, enough=0)
    started = time.monotonic()
    with connection:
        for _ in range(20):
            connection.sendall(b"x" * 25_000)
            time.sleep(PATIENCE / 12)
        assert time.monotonic() - started > PATIENCE * 1.5
        assert rest(connection).endswith(b"500000")
