"""Flask itself behind the bridge, over real sockets: what Werkzeug makes of a body, and of a client that leaves."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from router import WSGIBackend
from tests.router.serving import PROTOCOLS, fetch, get, raw, serving, wait

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

    return app


@pytest.fixture(params=PROTOCOLS)
def backend(request: pytest.FixtureRequest) -> Iterator[tuple[WSGIBackend, int]]:
    backend = WSGIBackend(flask_app(), threads=2, streams=2, queue=10, grace=2)
    with serving(backend, http=request.param) as server:
        yield backend, server.port


def test_streams_that_clients_dropped_give_their_threads_back(backend: tuple[WSGIBackend, int]) -> None:
    bridge, port = backend
    for _ in range(3):
        dropped = [raw(port, get("/events"), enough=20_000)[0] for _ in range(2)]
        assert bridge.busy == 2
        for connection in dropped:
            connection.close()
        assert all(CLOSED.acquire(timeout=5) for _ in range(2))
    wait(lambda: bridge.busy == 0)
    assert not CLOSED.acquire(blocking=False)
    assert fetch(port, "/hello")[0] == 200


def test_a_chunked_upload_is_not_empty_for_flask(backend: tuple[WSGIBackend, int]) -> None:
    for path, expected in (("/echo", b"one" + b"two" * 50_000 + b"three"), ("/count", b"150008")):
        status, _, body = fetch(backend[1], path, "POST", iter([b"one", b"two" * 50_000, b"three"]))
        assert (status, body) == (200, expected)


def test_half_an_upload_is_no_upload_for_flask(backend: tuple[WSGIBackend, int]) -> None:
    bridge, port = backend
    connection, _ = raw(port, get("/echo", "Content-Length: 200000", method="POST") + b"x" * 100_000, enough=0)
    wait(lambda: bridge.busy == 1)
    connection.close()
    wait(lambda: bridge.busy == 0)
    assert fetch(port, "/hello")[0] == 200


def test_the_bridge_serves_without_a_lifespan() -> None:
    bridge: Any = WSGIBackend(flask_app())
    with serving(bridge, lifespan="off") as server:
        assert fetch(server.port, "/hello?q=ada")[2] == b"hello ada"
    assert bridge._threads.stop(1) == 0
