"""The bridge's dangers over real sockets, with both of uvicorn's HTTP parsers."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from router import WSGIBackend
from tests.router.serving import fetch, raw, serving, wait

CLOSED = threading.Semaphore(0)


def flask_app() -> Flask:
    app = Flask("legacy", static_folder=None)

    @app.get("/hello")
    def hello() -> ResponseReturnValue:
        return f"hello {request.args.get('q', '')}"

    @app.post("/echo")
    def echo() -> ResponseReturnValue:
        return request.get_data()

    @app.post("/count")
    def count() -> ResponseReturnValue:
        return str(sum(map(len, iter(lambda: request.stream.read(65536), b""))))

    @app.get("/events")
    def events() -> ResponseReturnValue:
        def forever() -> Iterator[bytes]:
            while True:
                yield b"data: x\n\n" * 1000

        response = Response(forever(), mimetype="text/event-stream")
        response.call_on_close(CLOSED.release)
        return response

    @app.get("/large")
    def large() -> ResponseReturnValue:
        return Response((b"v" * 65536 for _ in range(320)), headers={"Content-Length": str(320 * 65536)})

    @app.get("/empty")
    def empty() -> ResponseReturnValue:
        return "", 204

    return app


@pytest.fixture(params=["h11", "httptools"])
def backend(request: pytest.FixtureRequest) -> Iterator[tuple[WSGIBackend, int]]:
    backend = WSGIBackend(flask_app(), threads=2, queue=10, grace=2)
    with serving(backend, http=request.param) as server:
        yield backend, server.port


def test_streams_that_clients_dropped_give_their_threads_back(backend: tuple[WSGIBackend, int]) -> None:
    bridge, port = backend
    for _ in range(3):
        dropped = [raw(port, b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n", enough=20_000)[0] for _ in range(2)]
        assert bridge.busy == 2
        for connection in dropped:
            connection.close()
        assert all(CLOSED.acquire(timeout=5) for _ in range(2))
    wait(lambda: bridge.busy == 0)
    assert not CLOSED.acquire(blocking=False)
    assert fetch(port, "/hello")[0] == 200


def test_a_chunked_upload_arrives(backend: tuple[WSGIBackend, int]) -> None:
    status, _, body = fetch(backend[1], "/echo", "POST", iter([b"one", b"two" * 50_000, b"three"]))
    assert (status, body) == (200, b"one" + b"two" * 50_000 + b"three")


def test_a_large_upload_and_a_large_answer_pass(backend: tuple[WSGIBackend, int]) -> None:
    _, port = backend
    size = 20_000_000
    assert fetch(port, "/count", "POST", b"x" * size)[2] == str(size).encode()
    assert len(fetch(port, "/large")[2]) == 320 * 65536


def test_half_an_upload_is_no_upload(backend: tuple[WSGIBackend, int]) -> None:
    bridge, port = backend
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n"
    connection, _ = raw(port, head + b"x" * 100_000, enough=0)
    wait(lambda: bridge.busy == 1)
    connection.close()
    wait(lambda: bridge.busy == 0)
    assert fetch(port, "/hello")[0] == 200


def test_a_client_that_waits_for_100_is_told_to_go_on(backend: tuple[WSGIBackend, int]) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    connection, received = raw(backend[1], head, enough=20)
    with connection:
        assert received.startswith(b"HTTP/1.1 100")
        connection.sendall(b"body")
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200")
    assert received.endswith(b"body")


def test_a_raw_query_is_no_server_error(backend: tuple[WSGIBackend, int]) -> None:
    """httptools refuses such bytes itself; h11 passes them on."""
    connection, received = raw(backend[1], b"GET /hello?q=\xe9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    connection.close()
    assert received[9:12] in {b"200", b"400"}


def test_a_connection_survives_head_and_204(backend: tuple[WSGIBackend, int]) -> None:
    """Bytes of a body where none may be would be read as the next answer."""
    requests = b"".join(
        b"%s HTTP/1.1\r\nHost: a\r\n%s\r\n" % line
        for line in ((b"HEAD /hello", b""), (b"GET /empty", b""), (b"GET /hello?q=x", b"Connection: close\r\n"))
    )
    with socket.create_connection(("127.0.0.1", backend[1]), timeout=10) as connection:
        connection.sendall(requests)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert [received.count(line) for line in (b"HTTP/1.1 200", b"HTTP/1.1 204")] == [2, 1]
    assert received.endswith(b"hello x")
    assert received.count(b"hello") == 1


def test_the_server_stops_while_a_stream_is_open() -> None:
    bridge = WSGIBackend(flask_app(), threads=2, grace=2)
    with serving(bridge, timeout_graceful_shutdown=1) as server:
        connection, _ = raw(server.port, b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n", enough=20_000)
        reader = threading.Thread(target=_read_to_the_end, args=(connection,))
        reader.start()
    reader.join(5)
    assert not reader.is_alive()
    assert CLOSED.acquire(timeout=5)
    assert bridge.busy == 0


def _read_to_the_end(connection: socket.socket) -> None:
    with connection:
        while connection.recv(65536):
            pass


def test_the_bridge_serves_without_a_lifespan() -> None:
    bridge: Any = WSGIBackend(flask_app())
    with serving(bridge, lifespan="off") as server:
        assert fetch(server.port, "/hello?q=ada")[2] == b"hello ada"
    assert bridge._threads.stop(1) == 0
